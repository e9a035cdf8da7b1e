"""QR codes: inline, readable by cameras, nothing for the CSP to refuse."""

from bridge.web.qr_code import camera_address, qr_code


def test_a_code_has_no_style_no_script_and_none_of_its_text():
    """Only attributes that the strict policy leaves alone."""
    drawn = qr_code("<script>alert(1)</script>")
    assert drawn.startswith("<svg ")
    assert "style" not in drawn
    assert "script" not in drawn


def test_codes_of_different_texts_differ_and_have_their_quiet_zone():
    """Dark on light, with four modules of light around."""
    code = qr_code("caldavs://crm.example.com/dav/anna/")
    assert code != qr_code("caldavs://crm.example.com/dav/ben/")
    assert 'stroke="#000" d="M4 4.5' in code
    assert 'fill="#fff"' in code


def test_a_camera_opens_a_caldav_program():
    """DAVx5 answers to these schemes."""
    assert camera_address("https://a.example/dav/x/") == "caldavs://a.example/dav/x/"
    assert camera_address("http://a.example/dav/http/") == "caldav://a.example/dav/http/"
