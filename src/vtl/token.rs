//! The tokens of a template and the lexical states that decide which of them can come next.

/// A token's kind, in the order of Velocity's grammar: on a tie of length the smaller one wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Eof,
    IndexOpen,
    IndexClose,
    ListOpen,
    ListClose,
    Comma,
    DoubleDot,
    Colon,
    MapOpen,
    MapClose,
    ParenOpen,
    ParenClose,
    MethodClose,
    EscapeDirective,
    Set,
    Dollar,
    DollarBang,
    TextBlockStart,
    FormalCommentStart,
    CommentStart,
    Hash,
    LineCommentStart,
    DoubleEscape,
    Escape,
    Text,
    LineCommentEnd,
    FormalCommentEnd,
    CommentEnd,
    TextBlock,
    CommentChar,
    TextBlockChar,
    Whitespace,
    Quoted,
    True,
    False,
    Minus,
    Plus,
    Times,
    Divide,
    Modulus,
    And,
    Or,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    Not,
    Assign,
    End,
    If,
    ElseIf,
    Else,
    Integer,
    Float,
    Word,
    BracedWord,
    Identifier,
    Dot,
    CurlyOpen,
    CurlyClose,
    ReferenceEnd,
    DirectiveEnd,
    EmptyIndex,
}

impl Kind {
    /// What an error message calls it.
    pub(super) fn name(self) -> &'static str {
        use Kind::*;
        match self {
            Eof => "the end of the template",
            IndexOpen | ListOpen => "`[`",
            IndexClose | ListClose => "`]`",
            Comma => "`,`",
            DoubleDot => "`..`",
            Colon => "`:`",
            MapOpen | CurlyOpen => "`{`",
            MapClose | CurlyClose => "`}`",
            ParenOpen => "`(`",
            ParenClose | MethodClose => "`)`",
            Set => "`#set`",
            Quoted => "a string",
            True => "`true`",
            False => "`false`",
            Assign => "`=`",
            End => "`#end`",
            If => "`#if`",
            ElseIf => "`#elseif`",
            Else => "`#else`",
            Integer | Float => "a number",
            Word | BracedWord => "a word",
            Identifier => "a name",
            Dot => "`.`",
            Whitespace => "white space",
            _ => "text",
        }
    }
}

/// One of JavaCC's lexical states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Inside `$name`.
    Reference,
    /// After the dot of a reference.
    Modifier,
    /// Between `[` and `]` of a reference.
    Index,
    /// Inside the parentheses of a directive.
    Directive,
    /// Inside the parentheses of a method call.
    Arguments,
    /// Plain text.
    Default,
    TextBlock,
    Comment,
    FormalComment,
    LineComment,
    /// Right after `#`.
    PreDirective,
}

/// One token. Its image is the source from `begin` to `end`, unless a rule rewrote it.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub kind: Kind,
    pub begin: usize,
    pub end: usize,
    /// The image, where it isn't the source itself.
    pub image: Option<String>,
    /// The images of the special tokens (failed references and directives) right before it.
    pub special: Vec<(usize, usize)>,
}
