//! Cases of `src/value/number/`, recorded from Java 17.

use stagegate::engine::value::number;

use crate::support;

fn answer(ask: &str) -> String {
    let (kind, text) = ask.split_once(' ').expect("a kind and a text");
    let radix =
        |text: &str| text.split_once(' ').map(|(radix, text)| (radix.parse().expect("a radix"), text.to_owned()));
    let mut out = String::new();
    let read = match kind {
        "double" => {
            number::print_double(f64::from_bits(u64::from_str_radix(text, 16).expect("bits")), &mut out);
            Some(out)
        }
        "float" => {
            number::print_float(f32::from_bits(u32::from_str_radix(text, 16).expect("bits")), &mut out);
            Some(out)
        }
        "decimal" => number::parse_big_decimal(text).map(|v| {
            number::print_big_decimal(&v, &mut out);
            out.push(' ');
            number::print_engineering_big_decimal(&v, &mut out);
            let plain = number::plain_big_decimal(&v).filter(|_| v.as_bigint_and_scale().1.abs() <= 200);
            format!("{out} {}", plain.unwrap_or_else(|| "-".to_owned()))
        }),
        "read-double" => number::parse_double(text).map(|v| format!("{:x}", v.to_bits())),
        "read-float" => number::parse_float(text).map(|v| format!("{:x}", v.to_bits())),
        "read-big" => number::parse_big_integer(text).map(|v| v.to_string()),
        "read-int" => radix(text).and_then(|(radix, text)| number::parse_int(&text, radix)).map(|v| v.to_string()),
        "read-long" => radix(text).and_then(|(radix, text)| number::parse_long(&text, radix)).map(|v| v.to_string()),
        other => panic!("no kind `{other}`"),
    };
    read.unwrap_or_else(|| "NumberFormatException".to_owned())
}

#[test]
fn prints_and_reads_as_recorded() {
    for (place, case) in support::json_lines(&support::data("numbers")) {
        let ask = case["ask"].as_str().expect("a question");
        assert_eq!(answer(ask), case["answer"].as_str().expect("an answer"), "{place}: {ask}");
    }
}
