//! The same hostile streams, straight to the data port and through nginx before it: one stream never has two views. As far as nginx
//! hands requests on, the data port reads the same requests out of the stream, one behind the other, or refuses.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::hostile::{Numbers, RARE, answers, ask, echo, is_refusal, said, stream, streams, told};
use crate::support::http::PATIENCE;
use crate::support::sidecar::{folder, until};

/// How an exchange of views ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    /// Both read the same to the end.
    Same,
    /// nginx hands no more on.
    NginxRefuses,
    /// We refuse what nginx hands on.
    WeRefuse,
    /// One of the two closes where the other reads on.
    Closes,
}

const ENDS: usize = 4;

/// A running nginx; killed when it is dropped.
struct Nginx {
    child: Child,
    /// Where it takes a body whole before it hands the request on, and where it hands on what comes.
    ports: [SocketAddr; 2],
}

impl Nginx {
    fn start(upstream: SocketAddr, folder: &Path) -> Nginx {
        let ports = [(); 2].map(|()| {
            let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
            free.local_addr().expect("an address")
        });
        let server = |port: SocketAddr, buffering: &str| {
            format!(
                "server {{ listen {port}; keepalive_timeout 20; client_max_body_size 11m; ignore_invalid_headers off; underscores_in_headers on;
                 location / {{ proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ''; proxy_set_header Host $http_host;
                 proxy_request_buffering {buffering}; proxy_ignore_client_abort on; proxy_pass_header Server; }} }}\n"
            )
        };
        let configuration = format!(
            "daemon off; master_process off; pid {0}/pid; error_log stderr crit; events {{ worker_connections 512; }}
             http {{ access_log off; client_body_temp_path {0}/body; proxy_temp_path {0}/proxy; fastcgi_temp_path {0}/f; uwsgi_temp_path {0}/u; scgi_temp_path {0}/s;
             upstream up {{ server {upstream}; keepalive 4; }}\n{1}{2}}}\n",
            folder.display(),
            server(ports[0], "on"),
            server(ports[1], "off"),
        );
        let file = folder.join("nginx.conf");
        std::fs::write(&file, configuration).expect("a file");
        // Debian's stands where not every path leads.
        let debian = Path::new("/usr/sbin/nginx");
        let program = if debian.exists() { debian } else { Path::new("nginx") };
        let mut command = Command::new(program);
        command.arg("-p").arg(folder).arg("-c").arg(&file).stdin(Stdio::null());
        let child = command.spawn().expect("nginx is installed");
        let nginx = Nginx { child, ports };
        until("nginx listens", || nginx.ports.iter().all(|port| TcpStream::connect_timeout(port, PATIENCE).is_ok()));
        nginx
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// As `ask`; nginx serves HTTP/0.9, too, whose answers have no head.
fn ask_nginx(address: SocketAddr, stream: &[u8]) -> Vec<String> {
    let said = said(address, stream, stream.len());
    let (mut answers, rest) = answers(&said);
    match rest {
        b"" => {}
        rest if rest.starts_with(b"<html>") => answers.push("400 closes ".to_owned()),
        rest if rest.starts_with(b"{") => answers.push(format!("200 {}", told(rest))),
        rest => panic!("half an answer: {}", rest.escape_ascii()),
    }
    answers
}

/// Method, path and body as they were read; header lines are nginx's to change.
fn request_of(answer: &str) -> (String, String) {
    let told = answer.get(3..).unwrap_or_default().trim_start_matches(" closes").trim_start();
    let (line, rest) = told.split_once(" [").unwrap_or((told, ""));
    let body = rest.rsplit_once("] ").map_or("", |(_, body)| body);
    (format!("{} {line}", &answer[..3]), body.to_owned())
}

/// What nginx says itself, and not the sidecar behind it: it has no event and is no answer of a gateway.
fn is_of_nginx(answer: &str) -> bool {
    ["400", "405", "408", "411", "413", "414", "494", "501", "505"].iter().any(|status| answer.starts_with(status))
}

fn compare(ours: &[String], theirs: &[String]) -> Result<End, String> {
    let is_final = |answer: &&String| !answer.starts_with("100");
    let (ours, theirs): (Vec<_>, Vec<_>) =
        (ours.iter().filter(is_final).collect(), theirs.iter().filter(is_final).collect());
    for at in 0.. {
        match (ours.get(at), theirs.get(at)) {
            (None, None) => return Ok(End::Same),
            (Some(ours), _) if is_refusal(ours) => return Ok(End::WeRefuse),
            (_, Some(theirs)) if is_of_nginx(theirs) => return Ok(End::NginxRefuses),
            (None, Some(_)) | (Some(_), None) => return Ok(End::Closes),
            (Some(ours), Some(theirs)) if request_of(ours) == request_of(theirs) => {}
            (Some(ours), Some(theirs)) => return Err(format!("request {at}\nours:   {ours:?}\nnginx:  {theirs:?}")),
        }
    }
    Ok(End::Same)
}

#[test]
fn what_nginx_hands_on_is_what_we_read_ourselves_or_refuse() {
    let (_backend, sidecar) = echo();
    let folder = folder();
    let nginx = Nginx::start(sidecar.data, &folder);
    let (mut count, mut unknown) = (BTreeMap::new(), Vec::new());
    let streams = streams();
    for seed in (2_000..2_000 + streams).chain(RARE) {
        let mut numbers = Numbers(seed);
        let stream = stream(&mut numbers);
        let step = [stream.len(), 1 + numbers.below(40)][numbers.below(2)];
        let port = nginx.ports[usize::from(seed % 2 == 0)];
        let (ours, theirs) = (ask(sidecar.data, &stream, step), ask_nginx(port, &stream));
        match compare(&ours, &theirs) {
            Ok(end) => *count.entry(end).or_insert(0) += 1,
            Err(what) => unknown.push(format!("{what}\nto stream {seed}: {}\n", stream.escape_ascii())),
        }
    }
    assert!(unknown.is_empty(), "{} streams with two views:\n{}", unknown.len(), unknown.concat());
    eprintln!("{count:?} of {streams}");
    // The streams are worth something: most are read, and each end is met.
    assert!(count[&End::Same] > streams / 8 && count.len() == ENDS, "{count:?}");
    drop(nginx);
    std::fs::remove_dir_all(folder).expect("the folder");
}
