"""The documentation page as it leaves the server."""

import re

from tests.api.running import RunningService


async def test_the_page_reads_our_own_document_and_files(service: RunningService) -> None:
    async with service.client() as client:
        page = await client.get("/docs")
        addresses = re.findall(r'(?:src|href|data-openapi-url)="([^"]+)"', page.text)
        answers = [await client.get(address) for address in addresses]
    assert page.status_code == 200
    assert addresses
    assert all(address.startswith("/") and not address.startswith("//") for address in addresses)
    assert {answer.status_code for answer in answers} == {200}
