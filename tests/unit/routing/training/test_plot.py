"""The reliability diagram."""

from xml.etree import ElementTree

from apps.routing.training.plot import diagram

SVG = "{http://www.w3.org/2000/svg}"


def test_a_dot_on_the_diagonal_says_that_confidence_is_right() -> None:
    root = ElementTree.fromstring(diagram({"task": [(30, 0.5, 0.5), (10, 0.9, 0.4)], "domain": []}))
    right, wrong = root.findall(f"{SVG}circle")
    (square, _) = root.findall(f"{SVG}rect")
    left, top, side = (float(square.attrib[name]) for name in ("x", "y", "width"))

    assert [text.text for text in root.findall(f"{SVG}text")][::2] == ["task", "domain"]
    assert float(right.attrib["cx"]) - left == top + side - float(right.attrib["cy"])
    assert float(wrong.attrib["cx"]) - left > top + side - float(wrong.attrib["cy"])
    assert float(right.attrib["r"]) > float(wrong.attrib["r"])
