import pytest
from hypothesis import given
from hypothesis import strategies as st

from yijiaan.core import checks
from yijiaan.core.errors import RuleError


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("13812345678", "13812345678"),
        ("１３８ １２３４ ５６７８", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("+8613812345678", "13812345678"),
        ("8613812345678", "13812345678"),
        ("008613812345678", "13812345678"),
        ("0537-3412345", "05373412345"),
        ("（0537）3412345", "05373412345"),
        ("010-62345678", "01062345678"),
        ("3412345", "3412345"),
    ],
)
def test_phones_are_brought_to_one_form(typed, stored):
    assert checks.normal_phone(typed) == stored


@pytest.mark.parametrize("typed", ["", "1381234567", "138123456789", "12812345678", "abc", "0000000", "05371", "110"])
def test_bad_phones_are_refused_at_the_field(typed):
    with pytest.raises(RuleError) as refused:
        checks.normal_phone(typed, field="phone")
    assert (refused.value.code, refused.value.field) == ("bad_phone", "phone")


def test_the_sentence_says_what_to_do():
    with pytest.raises(RuleError, match="手机号应为 11 位，请检查"):
        checks.normal_phone("1381234567")


@given(st.text(max_size=30))
def test_any_text_is_a_phone_or_a_clear_refusal(text):
    try:
        digits = checks.normal_phone(text)
    except RuleError:
        return
    assert checks.normal_phone(digits) == digits


def identity(first17):
    return first17 + checks.identity_check(first17)


def test_a_published_identity_number_passes():
    # the example of GB 11643
    assert checks.normal_identity_number("11010519491231002X") == "11010519491231002X"
    assert checks.normal_identity_number("11010519491231002x ") == "11010519491231002X"


@pytest.mark.parametrize(
    ("number", "word"),
    [
        ("110105194912310021", "校验位"),
        (identity("11010519491331002"), "出生日期"),
        (identity("11010520990101002"), "出生日期"),
        (identity("11010518990101002"), "出生日期"),
        ("1101051949123100", "18 位"),
        ("1101051949123100AX", "18 位"),
    ],
)
def test_bad_identity_numbers_say_what_is_wrong(number, word):
    with pytest.raises(RuleError, match=word) as refused:
        checks.normal_identity_number(number, field="id_number")
    assert (refused.value.code, refused.value.field) == ("bad_identity_number", "id_number")


def test_an_unknown_area_code_is_a_warning_only():
    number = identity("99010519491231002")
    assert checks.normal_identity_number(number) == number
    assert len(checks.identity_number_warnings(number)) == 1
    assert checks.identity_number_warnings("11010519491231002X") == []


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(place, step):
    number = "11010519491231002X"
    wrong = number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]
    with pytest.raises(RuleError):
        checks.normal_identity_number(wrong)


def test_published_credit_codes_pass():
    for code in ("91350100M000100Y43", "91110000600037341L"):
        assert checks.normal_credit_code(code.lower()) == code


@pytest.mark.parametrize("code", ["91350100M000100Y44", "91350100M000100Y4", "91350100I000100Y43", ""])
def test_bad_credit_codes_are_refused(code):
    with pytest.raises(RuleError) as refused:
        checks.normal_credit_code(code, field="credit_code")
    assert (refused.value.code, refused.value.field) == ("bad_credit_code", "credit_code")


def test_masks():
    assert checks.mask_phone("13812345678") == "138****5678"
    assert checks.mask_phone("05373412345") == "*******2345"
    assert checks.mask_phone("") == ""
    assert checks.mask_name("张三") == "张*"
    assert checks.mask_name("欧阳修远") == "欧阳**"
    assert checks.mask_name("") == ""
    assert checks.mask_id("11010519491231002X") == "110105**********2X"
    assert checks.mask_id("1234") == "****"
