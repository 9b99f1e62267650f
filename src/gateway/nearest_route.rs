//! Which route came nearest to a request that has none, and what differs. It is looked for only when somebody looks.

use crate::config::nearest;

/// What a route differs in may cost so much at most: then it is not what was meant.
const FARTHEST: usize = 4;

/// One sentence. `routes` are methods and path templates, `path` is the request's below the base path.
pub(crate) fn nearest_route<'a>(
    routes: impl Iterator<Item = (&'a str, &'a str)> + Clone,
    method: &str,
    path: &str,
) -> String {
    let sent: Vec<&str> = segments(path);
    let measured = routes.clone().filter_map(|(own, template)| Some((differences(template, &sent)?, own, template)));
    let best = measured.min_by_key(|(found, own, _)| (found.cost, *own != method && *own != "ANY"));
    let Some((found, own, template)) = best.filter(|(found, ..)| found.is_near()) else {
        return "No route of the definition is near this path".to_owned();
    };
    if found.told.is_empty() {
        let methods: Vec<&str> = routes.filter(|(_, of)| *of == template).map(|(own, _)| own).collect();
        return format!("Nearest route: `{template}` has this path with {}, but not with {method}", methods.join(", "));
    }
    format!("Nearest route: {own} {template}: {}", found.told.join("; "))
}

/// What a template and a path differ in.
#[derive(Default)]
struct Differences {
    cost: usize,
    /// Fixed segments that are the same, or nearly.
    alike: usize,
    told: Vec<String>,
}

impl Differences {
    fn is_near(&self) -> bool {
        self.cost == 0 || (self.cost <= FARTHEST && self.alike > 0)
    }
}

fn segments(path: &str) -> Vec<&str> {
    let inside = path.strip_prefix('/').unwrap_or(path);
    if inside.is_empty() { Vec::new() } else { inside.split('/').collect() }
}

/// `None` for a template that stands for no path (`$default`).
fn differences(template: &str, sent: &[&str]) -> Option<Differences> {
    let own = segments(template.strip_prefix('/').map(|_| template)?);
    let mut found = Differences::default();
    for (n, segment) in own.iter().enumerate() {
        let is_parameter = segment.starts_with('{');
        if segment.ends_with("+}") && sent.len() > n {
            return Some(found);
        }
        match sent.get(n) {
            None | Some(&"") => {
                found.cost += 2;
                found.told.push(format!("the path has nothing for its `{segment}`"));
            }
            Some(_) if is_parameter => {}
            Some(part) if part == segment => found.alike += 1,
            Some(part) => {
                let is_near = nearest(part, &[*segment]).is_some();
                found.alike += usize::from(is_near);
                found.cost += if is_near { 1 } else { 3 };
                found.told.push(format!("the path has `{part}` where it has `{segment}`"));
            }
        }
    }
    match sent.get(own.len()..).unwrap_or_default() {
        [] => {}
        [""] => found.add(1, "the path ends with a slash".to_owned()),
        more => found.add(2 * more.len(), format!("the path goes on with `/{}`", more.join("/"))),
    }
    Some(found)
}

impl Differences {
    fn add(&mut self, cost: usize, told: String) {
        self.cost += cost;
        self.told.push(told);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTES: [(&str, &str); 6] = [
        ("GET", "/orders"),
        ("POST", "/orders"),
        ("GET", "/orders/{id}"),
        ("GET", "/orders/{id}/items/{item}"),
        ("ANY", "/files/{path+}"),
        ("ANY", "$default"),
    ];

    #[test]
    fn nearest() {
        let none = "No route of the definition is near this path";
        let rows = [
            ("DELETE", "/orders", "Nearest route: `/orders` has this path with GET, POST, but not with DELETE"),
            ("GET", "/order/7", "Nearest route: GET /orders/{id}: the path has `order` where it has `orders`"),
            ("POST", "/Orders", "Nearest route: POST /orders: the path has `Orders` where it has `orders`"),
            ("GET", "/orders/7/", "Nearest route: GET /orders/{id}: the path ends with a slash"),
            ("GET", "/orders/7/x", "Nearest route: GET /orders/{id}: the path goes on with `/x`"),
            (
                "GET",
                "/orders/7/item/1",
                "Nearest route: GET /orders/{id}/items/{item}: the path has `item` where it has `items`",
            ),
            ("GET", "/orders/7/items", "Nearest route: GET /orders/{id}: the path goes on with `/items`"),
            ("GET", "/files", "Nearest route: ANY /files/{path+}: the path has nothing for its `{path+}`"),
            ("GET", "/fils/a/b", "Nearest route: ANY /files/{path+}: the path has `fils` where it has `files`"),
            ("GET", "/elsewhere", none),
            ("GET", "/", none),
            ("GET", "", none),
        ];
        for (method, path, expected) in rows {
            assert_eq!(nearest_route(ROUTES.iter().copied(), method, path), expected, "{method} {path}");
        }
        assert_eq!(nearest_route([].into_iter(), "GET", "/"), none);
    }
}
