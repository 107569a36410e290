"""A picture as a vector."""

from fastapi import APIRouter

from api.bodies import EmbedBody, documented
from api.dependencies import HouseOf
from api.pictures import picture_of
from api.problems import documented as problems
from api.schemas import EmbedAnswer, EmbedRequest

router = APIRouter(tags=["search"])


@router.post(
    "/v1/embed",
    openapi_extra=documented(EmbedRequest),
    responses=problems(413, 415, 422, 502, 503),
)
def embed(house: HouseOf, body: EmbedBody) -> EmbedAnswer:
    """The vector by which the picture would be searched."""
    model = house.embedder
    vector = model.embed([picture_of(house, body)])[0]
    return EmbedAnswer(
        model=model.name,
        dim=model.dim,
        parts={name: (part.start or 0, part.stop) for name, part in model.parts.items()},
        vector=vector.tolist(),
    )
