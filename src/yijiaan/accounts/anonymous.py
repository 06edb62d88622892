class Anonymous:
    """Nobody signed in."""

    id = pk = None
    name = ""
    is_authenticated = is_active = False
    is_anonymous = True
