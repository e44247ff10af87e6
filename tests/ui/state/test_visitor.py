import secrets

from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string

from cnn.ui.state.visitor import unmasked


def test_a_browser_is_known_again_however_its_cookie_is_masked() -> None:
    secret = secrets.token_bytes(16)
    first, second, other = (generate_xsrf_token_string(one) for one in (secret, secret, None))
    assert first != second
    assert unmasked(first) == unmasked(second) == secret
    assert unmasked(other) != secret
    assert unmasked("some other cookie") == b"some other cookie"
