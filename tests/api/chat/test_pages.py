"""The chat page as it leaves the server."""

from tests.api.running import RunningService


async def test_the_page_stands_at_the_root_without_signing_in(service: RunningService) -> None:
    async with service.client() as client:
        response = await client.get("/")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    for number in ("110", "120", "12355", "12356"):
        assert f'href="tel:{number}"' in response.text
    assert 'data-numbers="110 120 ' in response.text
    assert "set-cookie" not in response.headers


async def test_the_page_brings_all_it_may_say(service: RunningService) -> None:
    async with service.client() as client:
        page = (await client.get("/")).text
    for words in ("你撤回了一条消息", "重新编辑", "值班老师正在输入", "现在不在值班时间", "看新消息"):
        assert words in page
    assert "{youth_line}" not in page
    assert "<script>" not in page
    assert " style=" not in page
