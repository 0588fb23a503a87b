"""What a script of a user does, with the Python client that was generated from the document.

usage: scenario.py URL TOKEN      (amy/tools/demo:1.0 has been pushed)
"""

import sys

import registry_client as rc


def problem(call):
    """The words of the server where a call must fail: status and code."""
    try:
        call()
    except rc.ApiException as error:
        return error.status, rc.Problem.from_json(error.body).code
    raise AssertionError("this call must fail")


def main(url, token):
    with rc.ApiClient(rc.Configuration(host=url, access_token=token)) as client:
        collections = rc.CollectionsApi(client)
        images = rc.ImagesApi(client)
        tokens = rc.TokensApi(client)

        made = collections.create_collection(rc.NewCollection(name="from-python", description="Made by a script"))
        assert (made.name, made.owners, made.private) == ("from-python", ["amy"], False), made
        assert made.rights.manage and made.created_at.tzinfo is not None
        again = problem(lambda: collections.create_collection(rc.NewCollection(name="from-python")))
        assert again == (409, rc.ErrorCode.NAME_TAKEN), again

        issued = tokens.create_token(rc.NewToken(name="cluster", scope=rc.Scope.PULL))
        assert len(issued.secret) >= 200 and issued.token.scope == rc.Scope.PULL
        assert issued.token.expires_at is None
        with rc.ApiClient(rc.Configuration(host=url, access_token=issued.secret)) as other:
            refused = problem(lambda: rc.CollectionsApi(other).delete_collection("from-python"))
            assert refused == (403, rc.ErrorCode.FORBIDDEN), refused

        names, cursor = [], None
        while True:
            page = collections.list_collections(sort=rc.SortOrder.NAME, limit=1, cursor=cursor)
            names += [item.name for item in page.items]
            cursor = page.next
            if cursor is None:
                break
        assert names == sorted(names) and "from-python" in names and "tools" in names, names
        assert page.total == len(names)

        detail = images.get_image("tools", "demo", "1.0")
        assert detail.image.state == rc.ImageState.READY, detail.image
        assert detail.image.tags == ["1.0"] and detail.image.digest.startswith("sha256:")
        assert detail.metadata is not None and len(detail.metadata.objects) > 0
        file = images.download_image("tools", "demo", detail.image.digest)
        assert len(file) == detail.image.size_bytes

        changed = collections.change_collection("from-python", rc.CollectionChange(private=True))
        assert changed.collection.private and changed.collection.description == "Made by a script"
        collections.delete_collection("from-python")
        gone = problem(lambda: collections.get_collection("from-python"))
        assert gone == (404, rc.ErrorCode.COLLECTION_NOT_FOUND), gone
    print("python: done")


if __name__ == "__main__":
    main(*sys.argv[1:])
