"use strict";
// The document comes as a script: a page that is opened as a file may not fetch one.
SwaggerUIBundle({ spec: CONTRACT, dom_id: "#swagger-ui", deepLinking: true, supportedSubmitMethods: [], validatorUrl: null });
