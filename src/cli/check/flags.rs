//! Flags of `check` that do nothing together. A variable may be set for every command; what is typed is meant.

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Command, Error};

use super::format::Format;

/// The flags of the error map alone, as fields and as typed.
const OF_THE_MAP: [(&str, &str); 3] = [("origins", "--origin"), ("from", "--from"), ("cases", "--cases")];
/// Those of everything else.
const OF_FINDINGS: [(&str, &str); 5] =
    [("strict", "--strict"), ("all", "--all"), ("show", "--show"), ("schema", "--schema"), ("explain", "--explain")];

/// The error of flags that were typed in vain.
pub(crate) fn in_vain(matches: &ArgMatches, command: &mut Command) -> Option<Error> {
    let typed = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
    let first = |flags: &[(&str, &'static str)]| flags.iter().find(|(id, _)| typed(id)).map(|(_, flag)| *flag);
    if !matches.get_flag("errors") {
        let flag = first(&OF_THE_MAP)?;
        let why = format!("`{flag}` is about the error map: it needs `--errors`");
        return Some(command.error(ErrorKind::MissingRequiredArgument, why));
    }
    if typed("errors")
        && let Some(flag) = first(&OF_FINDINGS)
    {
        let why = format!("`{flag}` means nothing to the error map: it cannot be used with `--errors`");
        return Some(command.error(ErrorKind::ArgumentConflict, why));
    }
    let format = matches.get_one::<Format>("format").filter(|_| typed("format"))?;
    let why = "`--errors` prints the error map, which is no list of findings: its `--format` is `text` or `json`";
    (!matches!(format, Format::Text | Format::Json)).then(|| command.error(ErrorKind::ArgumentConflict, why))
}
