//! Which route came nearest to a request that has none, and what differs. It is looked for only when somebody looks.

use crate::config::nearest;

/// What a route differs in may cost so much at most: then it is not what was meant.
const FARTHEST: usize = 4;
/// Names that are compared letter by letter at most: an API may have thousands.
const COMPARED: usize = 1_000;

/// One sentence. `routes` are methods and path templates, `path` is the request's below the base path, which may begin with the stage's
/// name, as an execute-api URL does.
pub(crate) fn nearest_route<'a>(
    routes: impl Iterator<Item = (&'a str, &'a str)> + Clone,
    method: &str,
    path: &str,
    stage: &str,
) -> String {
    let sent: Vec<&str> = segments(path);
    if let Some((first, rest)) = sent.split_first()
        && *first == stage
        && let Some((own, template)) = routes.clone().find(|(own, template)| {
            let fits = differences(template, rest, &mut 0).is_some_and(|found| found.told.is_empty());
            fits && (*own == method || *own == "ANY")
        })
    {
        return format!(
            "Nearest route: {own} {template}, without `/{stage}`: the stage is no part of a path here, unless `api.base_path` is `/{stage}`"
        );
    }
    let mut left = COMPARED;
    let measured = routes.clone().filter_map(|(own, template)| {
        let found = differences(template, &sent, &mut left).filter(Differences::is_near)?;
        Some((found, own, template))
    });
    let best = measured.min_by_key(|(found, own, _)| (found.cost, *own != method && *own != "ANY"));
    let Some((found, own, template)) = best else {
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

/// `None` for a template that is too far, or stands for no path (`$default`).
fn differences(template: &str, sent: &[&str], left: &mut usize) -> Option<Differences> {
    let own = segments(template.strip_prefix('/').map(|_| template)?);
    let mut found = Differences::default();
    for (n, segment) in own.iter().enumerate() {
        let is_parameter = segment.starts_with('{');
        if segment.ends_with("+}") && sent.len() > n {
            return Some(found);
        }
        if found.cost > FARTHEST {
            return None;
        }
        match sent.get(n) {
            None | Some(&"") => {
                found.cost += 2;
                found.told.push(format!("the path has nothing for its `{segment}`"));
            }
            Some(_) if is_parameter => {}
            Some(part) if part == segment => found.alike += 1,
            Some(part) => {
                let is_near = is_near(part, segment, left);
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

/// Whether one is likely a slip of the other; lengths that differ much need no look.
fn is_near(part: &str, segment: &str, left: &mut usize) -> bool {
    if *left == 0 || part.len().abs_diff(segment.len()) > 1 + part.len().max(segment.len()) / 4 {
        return false;
    }
    *left -= 1;
    nearest(part, &[segment]).is_some()
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
            (
                "POST",
                "/dev/orders",
                "Nearest route: POST /orders, without `/dev`: the stage is no part of a path here, unless `api.base_path` is `/dev`",
            ),
            ("GET", "/dev/elsewhere", none),
            ("GET", "/elsewhere", none),
            ("GET", "/", none),
            ("GET", "", none),
        ];
        for (method, path, expected) in rows {
            assert_eq!(nearest_route(ROUTES.iter().copied(), method, path, "dev"), expected, "{method} {path}");
        }
        assert_eq!(nearest_route([].into_iter(), "GET", "/", "dev"), none);
    }
}
