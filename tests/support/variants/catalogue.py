"""The variants of the reference server, and the one whose HTTP is written by hand."""

from __future__ import annotations

from collections.abc import Mapping

from chatconform.reference_server.variants.catalogue import VARIANTS as OF_THE_SERVER
from chatconform.reference_server.variants.variant import Variant
from chatconform.tests.support.variants.handwritten import HandwrittenHttp

VARIANTS: Mapping[str, Variant] = {**OF_THE_SERVER, HandwrittenHttp().name: HandwrittenHttp()}
