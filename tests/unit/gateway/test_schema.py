"""The published schema names every live route of the developer API."""

from apps.gateway import application, catalogue, schema


class TestTheSchema:
    def test_names_every_route_with_its_method(self) -> None:
        served = {path: method.lower() for path, (method, _) in application.ROUTES.items()}
        served[f"{catalogue.PREFIX}{{model}}"] = application.ONE_MODEL[0].lower()

        assert {path: next(iter(item)) for path, item in schema.PATHS.items()} == served

    def test_names_no_route_that_is_not_served_yet(self) -> None:
        assert not application.NOT_YET & schema.PATHS.keys()
