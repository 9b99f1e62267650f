//! A backend that answers each call as told, one call per connection.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

/// Head lines behind the status line (each with its line end), and the body.
pub struct Answer(pub u16, pub &'static str, pub &'static str);

/// Serves until the process ends; `play` gets the request's target.
pub fn serve(play: fn(&str) -> Answer) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let serve = move || {
        for client in listener.incoming().flatten() {
            // A caller that has given up is no matter of this test.
            std::thread::spawn(move || drop(answer(client, play)));
        }
    };
    std::thread::spawn(serve);
    address
}

fn answer(client: TcpStream, play: fn(&str) -> Answer) -> std::io::Result<()> {
    let mut request = BufReader::new(client);
    let mut head = String::new();
    // The whole request is read, as what is left unread would break the connection.
    while request.read_line(&mut head)? > 2 {}
    let lines = head.to_ascii_lowercase();
    let length =
        lines.lines().find_map(|l| l.strip_prefix("content-length:")).map_or(0, |v| v.trim().parse().unwrap_or(0));
    request.read_exact(&mut vec![0; length])?;
    let Answer(status, headers, body) = play(head.split(' ').nth(1).unwrap_or_default());
    let length = body.len();
    write!(
        request.get_mut(),
        "HTTP/1.1 {status} X\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
}
