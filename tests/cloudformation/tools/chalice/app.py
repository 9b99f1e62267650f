from chalice import Chalice, CORSConfig

app = Chalice(app_name="shop")


@app.route("/")
def index():
    return {"path": "/"}


@app.route("/orders/{order}", methods=["GET", "PUT"], cors=CORSConfig(allow_origin="https://shop.example"), api_key_required=True)
def orders(order):
    return {"order": order}


@app.authorizer(ttl_seconds=30)
def check(request):
    return None


@app.route("/guarded", authorizer=check)
def guarded():
    return {}
