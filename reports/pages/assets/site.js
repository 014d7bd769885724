"use strict";
// The theme, and on the index the filters.
if (document.querySelector(".filters")) Rules.start();
else Rules.theme();
