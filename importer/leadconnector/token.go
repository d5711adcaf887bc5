package leadconnector

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// hidden stands wherever a token would have been printed.
const hidden = "[token]"

// A Token is a secret that never prints itself: every way of formatting,
// logging or encoding it gives "[token]". The zero value is no token.
type Token struct {
	// A pointer, since fmt calls no methods on what lies in unexported fields
	// of other structs: there it prints an address and not the secret.
	text *string
}

// NewToken takes the text of a token, without spaces, line ends and a byte order
// mark around it. It fails for a text that is empty or holds anything but
// visible ASCII; its errors do not repeat the text.
func NewToken(text string) (Token, error) {
	text = strings.Trim(text, "\ufeff \t\r\n")
	if text == "" {
		return Token{}, errors.New("the token is empty")
	}
	if len(text) > 7 && strings.EqualFold(text[:7], "bearer ") {
		return Token{}, errors.New("the token must stand alone, without the word Bearer")
	}
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c > '~' {
			return Token{}, errors.New("the token has a space, a line end or another character that no token has")
		}
	}
	return Token{text: &text}, nil
}

// String gives "[token]".
func (t Token) String() string { return hidden }

// GoString gives "[token]".
func (t Token) GoString() string { return hidden }

// Format writes "[token]" for every verb.
func (t Token) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, hidden) }

// MarshalJSON gives "[token]".
func (t Token) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// MarshalText gives "[token]".
func (t Token) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue gives "[token]".
func (t Token) LogValue() slog.Value { return slog.StringValue(hidden) }

// reveal is the secret itself, for the Authorization header and for redaction.
func (t Token) reveal() string {
	if t.text == nil {
		return ""
	}
	return *t.text
}

// Tokens is where the credential of one location comes from. Its methods are
// called by many goroutines at a time.
type Tokens interface {
	// Token gives the current token and its generation, which grows with each
	// renewal. It is called for every request. An error means that there is
	// no token: no call can be made. An *Error says by its class whether that
	// may change (Unsent) or not (Refused); any other counts as Refused.
	Token(ctx context.Context) (Token, int, error)

	// Renew gets a newer token than that of the generation named, which the
	// service refused: once for all callers that ask at the same time. nil:
	// Token now gives a newer one, of a generation above it, or says why none
	// can be had just now. An error means that there is none, or that ctx
	// ended first.
	Renew(ctx context.Context, generation int) error
}

var (
	_ Tokens = (*StaticToken)(nil)
	_ Tokens = (*TokenFile)(nil)
	_ Tokens = (*renewable)(nil)
	_ Tokens = (*grantTokens)(nil)
)

// A StaticToken is one that cannot be renewed, such as one from the environment.
// Use NewStaticToken.
type StaticToken struct {
	token Token
}

// NewStaticToken takes the text of a token; see NewToken for its errors.
func NewStaticToken(text string) (*StaticToken, error) {
	token, err := NewToken(text)
	if err != nil {
		return nil, err
	}
	return &StaticToken{token: token}, nil
}

// Token gives the token, always of generation 0.
func (s *StaticToken) Token(context.Context) (Token, int, error) { return s.token, 0, nil }

// Renew always fails.
func (s *StaticToken) Renew(context.Context, int) error {
	return errors.New("a token from the environment cannot be renewed while relink runs: set a new one and run again, or use --token-file, which is read again")
}
