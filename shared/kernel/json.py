"""JSON whose shape another program decides: tokens, descriptions, answers of services and providers.

Where a signature says one of these, what is in it is looked at before it is believed.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

Json: TypeAlias = Any
JsonObject: TypeAlias = dict[str, Any]
JsonMapping: TypeAlias = Mapping[str, Any]
