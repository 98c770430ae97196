"""The pages of staff accounts, over HTTP."""

from httpx2 import AsyncClient, Response

from api.auth.permissions import Role
from api.db.tables import StaffSessionRow
from tests.api.console.staff import PASSWORD, counsellor_client, csrf_of, one_time_client
from tests.api.running import RunningService

HTML = {"accept": "text/html"}


async def send_sign_in(client: AsyncClient, *, username: str, password: str) -> Response:
    """Open the form and send it."""
    token = csrf_of(await client.get("/console/sign-in"))
    form = {"csrf_token": token, "username": username, "password": password}
    return await client.post("/console/sign-in", data=form)


async def test_a_one_time_password_leads_to_the_password_page_only(service: RunningService) -> None:
    async with one_time_client(service) as (client, password):
        response = await send_sign_in(client, username="li", password=password)
        assert (response.status_code, response.headers["location"]) == (303, "/console/password")
        elsewhere = await client.get("/console", headers=HTML)
        assert (elsewhere.status_code, elsewhere.headers["location"]) == (303, "/console/password")
        assert (await client.get("/console/password")).status_code == 200


async def test_the_session_cookie_is_kept_from_scripts_and_other_sites(service: RunningService) -> None:
    async with one_time_client(service, role=Role.ADMINISTRATOR) as (client, password):
        response = await send_sign_in(client, username="li", password=password)
    cookie = response.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


async def test_a_new_password_opens_the_console_and_ends_other_sessions(service: RunningService) -> None:
    async with one_time_client(service) as (client, password):
        await send_sign_in(client, username="li", password=password)
        form = {
            "csrf_token": csrf_of(await client.get("/console/password")),
            "current_password": password,
            "new_password": PASSWORD,
            "repeated_password": PASSWORD,
        }
        response = await client.post("/console/password", data=form)
        assert (response.status_code, response.headers["location"]) == (303, "/console")
        assert (await client.get("/console")).status_code == 200
    assert await service.count(StaffSessionRow) == 1


async def test_what_is_wrong_with_a_new_password_is_told(service: RunningService) -> None:
    async with one_time_client(service) as (client, password):
        await send_sign_in(client, username="li", password=password)
        form = {"csrf_token": csrf_of(await client.get("/console/password")), "current_password": password}
        cases = {
            ("kurz", "kurz"): "太容易被猜到",
            (PASSWORD, PASSWORD + "x"): "两次输入的新密码不一样",
        }
        for (new, repeated), words in cases.items():
            changes = {"new_password": new, "repeated_password": repeated}
            response = await client.post("/console/password", data={**form, **changes})
            assert response.status_code == 422
            assert words in response.text
        wrong = {**form, "current_password": "x", "new_password": PASSWORD, "repeated_password": PASSWORD}
        assert "现在的密码不对" in (await client.post("/console/password", data=wrong)).text


async def test_a_failed_sign_in_shows_the_form_again_with_the_name(service: RunningService) -> None:
    async with service.client() as client:
        response = await send_sign_in(client, username='"><b>li', password="wrong")
    assert response.status_code == 401
    assert "用户名或密码不对" in response.text
    assert "&#34;&gt;&lt;b&gt;li" in response.text
    assert "wrong" not in response.text


async def test_too_many_attempts_are_slowed_down(service: RunningService) -> None:
    async with service.client() as client:
        for _ in range(5):
            await send_sign_in(client, username="li", password="wrong")
        response = await send_sign_in(client, username="li", password="wrong")
    assert response.status_code == 429
    assert int(response.headers["retry-after"]) > 0
    assert "输错的次数太多" in response.text


async def test_a_sign_in_without_the_forms_token_is_not_tried(service: RunningService) -> None:
    async with one_time_client(service) as (client, password):
        form = {"csrf_token": "made up", "username": "li", "password": password}
        response = await client.post("/console/sign-in", data=form)
    assert response.status_code == 403
    assert "请重新登录一次" in response.text
    assert await service.count(StaffSessionRow) == 0


async def test_a_password_form_from_elsewhere_changes_nothing(service: RunningService) -> None:
    form = {"current_password": PASSWORD, "new_password": PASSWORD[::-1], "repeated_password": PASSWORD[::-1]}
    async with counsellor_client(service) as client:
        assert (await client.post("/console/password", data=form)).status_code == 403
        assert (await client.get("/console")).status_code == 200


async def test_signing_out_needs_the_forms_token(service: RunningService) -> None:
    async with counsellor_client(service) as client:
        assert (await client.post("/console/sign-out")).status_code == 403
        assert (await client.get("/console")).status_code == 200
        form = {"csrf_token": csrf_of(await client.get("/console"))}
        response = await client.post("/console/sign-out", data=form)
        assert (response.status_code, response.headers["location"]) == (303, "/console/sign-in")
    assert await service.count(StaffSessionRow) == 0
