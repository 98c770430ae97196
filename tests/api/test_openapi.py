"""The OpenAPI document: complete, sound, with examples that the service itself accepts."""

import json
from collections.abc import Iterator
from typing import Any

from httpx2 import AsyncClient

from api.messages.schemas import SendMessage
from tests.api.running import RunningService

PATHS = {
    "/v1/sessions": {"post"},
    "/v1/messages": {"post"},
    "/v1/messages/recall": {"post"},
    "/v1/conversations/{conversation_id}": {"get"},
    "/v1/conversations/{conversation_id}/updates": {"get"},
    "/v1/conversations/{conversation_id}/stream": {"get"},
    "/v1/conversations/{conversation_id}/handover": {"get"},
    "/v1/conversations/{conversation_id}/replies": {"post"},
    "/v1/conversations/{conversation_id}/typing": {"post"},
    "/v1/conversations/{conversation_id}/assist": {"post"},
    "/v1/queues": {"get"},
    "/healthz": {"get"},
    "/readyz": {"get"},
    "/metrics": {"get"},
}


async def read_document(service: RunningService) -> dict[str, Any]:
    async with service.client() as caller:
        answer = await caller.get("/openapi.json")
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    return document


def walk(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for member in value.values():
            yield from walk(member)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item)


async def test_document_holds_the_interface_and_nothing_else(service: RunningService) -> None:
    document = await read_document(service)
    assert document["openapi"].startswith("3.1")
    assert {path: set(operations) for path, operations in document["paths"].items()} == PATHS


async def test_every_reference_leads_somewhere(service: RunningService) -> None:
    document = await read_document(service)
    references = {part["$ref"] for part in walk(document) if "$ref" in part}
    assert references
    for reference in references:
        assert reference.startswith("#/")
        target: Any = document
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]
        assert isinstance(target, dict)


async def test_operations_are_described_with_their_errors(service: RunningService) -> None:
    document = await read_document(service)
    seen = set()
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["summary"], path
            assert operation["description"], path
            assert operation["operationId"] not in seen
            seen.add(operation["operationId"])
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    schema = answer["content"]["application/json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/ErrorAnswer"}, (path, status)


async def test_security_is_told(service: RunningService) -> None:
    document = await read_document(service)
    schemes = document["components"]["securitySchemes"]
    assert schemes["bearer"] == {"type": "http", "scheme": "bearer"} | {
        "description": schemes["bearer"]["description"]
    }
    for path in ("/v1/messages", "/v1/queues", "/v1/conversations/{conversation_id}"):
        [operation] = document["paths"][path].values()
        assert {"bearer": []} in operation["security"]
    assert "security" not in document["paths"]["/healthz"]["get"]


async def test_examples_are_accepted(service: RunningService, backend: AsyncClient) -> None:
    document = await read_document(service)
    schema = document["components"]["schemas"]["SendMessage"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["text"]["maxLength"] == 20_000
    assert schema["examples"]
    for example in schema["examples"]:
        SendMessage.model_validate(example)
        answer = await backend.post("/v1/messages", json=example)
        assert answer.status_code == 200
    error = document["components"]["schemas"]["ErrorAnswer"]["examples"][0]
    assert set(error) == {"error"}


async def test_answers_have_the_documented_members(service: RunningService, backend: AsyncClient) -> None:
    document = await read_document(service)
    schemas = document["components"]["schemas"]
    example = schemas["SendMessage"]["examples"][0]
    body = (await backend.post("/v1/messages", json=example)).json()
    assert set(body) == set(schemas["MessageAnswer"]["properties"])
    assert set(body["triage"]) == set(schemas["TriageView"]["properties"])
    assert json.dumps(schemas["YouthMessageAnswer"]).find("TriageView") == -1
