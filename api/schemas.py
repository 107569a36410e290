"""What the API takes and answers. Names and shapes are stable within /v1."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema

from snapmode.items import Product
from snapmode.ports import Box

DEFAULT_LIMIT = 20
MAX_OFFSET = 10_000
PICTURES = ("image", "image_url")
SOURCES = (*PICTURES, "product_id", "vector")


def _decoded(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"not base64: {error}") from error


def _ordered(box: Box) -> Box:
    x1, y1, x2, y2 = box
    if not (0 <= x1 < x2 <= 1 and 0 <= y1 < y2 <= 1):
        raise ValueError("[x1, y1, x2, y2] with 0 ≤ x1 < x2 ≤ 1 and 0 ≤ y1 < y2 ≤ 1")
    return box


Base64 = Annotated[
    bytes, BeforeValidator(_decoded), WithJsonSchema({"type": "string", "format": "byte"})
]
NormalisedBox = Annotated[Box, AfterValidator(_ordered)]
Limit = Annotated[int, Field(ge=1)]
Offset = Annotated[int, Field(ge=0, le=MAX_OFFSET)]
FilterText = Annotated[str, StringConstraints(max_length=20_000)]


class Schema(BaseModel):
    """Field docstrings become descriptions in the OpenAPI document."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class Problem(Schema):
    """RFC 9457 problem details."""

    type: str = Field(examples=["urn:snapmode:problem:rejected"])
    title: str
    status: int
    detail: str
    instance: str


class _Given(Schema):
    model_config = ConfigDict(extra="forbid")
    image: Base64 | None = None
    """The picture itself; base64 in JSON, a file in a form."""
    image_url: Annotated[str, StringConstraints(max_length=4000)] | None = None
    """Address of a picture; only when the server allows it."""
    box: NormalisedBox | None = None
    """[x1, y1, x2, y2], each 0..1: only this part of the picture is meant."""


def _exactly_one(body: BaseModel, names: tuple[str, ...]) -> None:
    given = [name for name in names if getattr(body, name) is not None]
    if len(given) != 1:
        found = f"got {' and '.join(given)}" if given else "got none"
        raise ValueError(f"give exactly one of {', '.join(names)}; {found}")


class SearchRequest(_Given):
    """Exactly one of `image`, `image_url`, `product_id` and `vector`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"product_id": "5f3c…", "limit": 20, "filter": {"price": {"lt": 50}}},
                {"image": "iVBORw0KGgo…", "box": [0.2, 0.1, 0.8, 0.9]},
            ]
        }
    )
    product_id: str | None = None
    vector: list[float] | None = None
    """As `POST /v1/embed` answers it."""
    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0
    filter: dict[str, Any] | FilterText | None = None
    """Field → value, list of values, or range as {"gte": 10, "lt": 50}; JSON text in a form."""

    @model_validator(mode="after")
    def _one_source(self) -> "SearchRequest":
        _exactly_one(self, SOURCES)
        if self.box and (self.product_id is not None or self.vector is not None):
            raise ValueError("box goes with image or image_url")
        return self


class EmbedRequest(_Given):
    """Exactly one of `image` and `image_url`."""

    @model_validator(mode="after")
    def _one_source(self) -> "EmbedRequest":
        _exactly_one(self, PICTURES)
        return self


class ProductDocument(Product):
    """A product as `snapmode export` prints it."""

    version: SkipJsonSchema[int] = Field(exclude=True)
    provenance: SkipJsonSchema[Mapping[str, str]] = Field(default_factory=dict, exclude=True)

    @classmethod
    def of(cls, product: Product) -> "ProductDocument":
        """The same product; it was checked when it was made."""
        return cls.model_construct(product.model_fields_set, **dict(product))


class FoundHit(Schema):
    """One product found; each product is found once, by its best picture."""

    product_id: str
    score: float = Field(examples=[0.91])
    """Inner product of unit vectors: 1 is the same picture."""
    image: str = Field(examples=["/v1/images/9f86d081884c7d65…"])
    """Path of the picture that was found."""
    product: ProductDocument


class FoundObject(Schema):
    """A thing seen in the picture and the products that look like it."""

    box: NormalisedBox = Field(examples=[[0, 0, 1, 1]])
    type: str = Field(examples=["whole"])
    """`whole` picture, or the client's `box`."""
    score: float
    """How sure it is that there is such a thing."""
    hits: list[FoundHit]


class SearchAnswer(Schema):
    """The answer of every search by likeness."""

    query_id: str
    model: str
    """Name of the model; vectors of different models can't be compared."""
    mode: str = Field(examples=["exact"])
    exact: bool
    """Whether no better product can have been missed."""
    scanned: int
    """Pictures whose score was computed."""
    index_time: datetime
    """Changes made after it may not be reflected."""
    took_ms: float
    objects: list[FoundObject]


class FacetValue(Schema):
    """A value and how many products have it."""

    value: str
    count: int


class ProductsAnswer(Schema):
    """A page of products."""

    products: list[ProductDocument]
    total: int
    """Products that match, on all pages."""
    facets: dict[str, list[FacetValue]]


class EmbedAnswer(Schema):
    """A picture as a vector."""

    model: str
    dim: int
    parts: dict[str, tuple[int, int]] = Field(examples=[{"all": [0, 1280]}])
    """Part → [start, stop) in the vector."""
    vector: list[float]
    """Unit length."""


class Health(Schema):
    """Whether the parts answer."""

    status: str = Field(examples=["ok"])
    version: str
    checks: dict[str, str] = Field(examples=[{"catalog": "ok", "log": "ok"}])
