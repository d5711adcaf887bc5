package leadconnector

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const secret = "pit-12345678-aaaa-bbbb-cccc-1234567890ab"

var secretToken, _ = NewToken(secret)

func TestNewToken(t *testing.T) {
	for _, text := range []string{secret, " " + secret + "\r\n", "\ufeff" + secret + "\n"} {
		token, err := NewToken(text)
		if err != nil || token.reveal() != secret {
			t.Errorf("%q: got %q, %v", text, token.reveal(), err)
		}
	}
	if _, err := NewToken("Bearer " + secret); err == nil || !strings.Contains(err.Error(), "the word Bearer") {
		t.Errorf("with its scheme: got %v", err)
	}
	for _, text := range []string{"", " \n", "bearer " + secret, secret + " " + secret, secret + "\nX-Evil: 1", secret + "\x00", secret + "é", "\xff\xfep\x00i\x00"} {
		token, err := NewToken(text)
		if err == nil {
			t.Errorf("%q: got %q, want an error", text, token.reveal())
		} else if strings.Contains(err.Error(), "pit-") {
			t.Errorf("%q: the error repeats it: %v", text, err)
		}
	}
}

func TestStaticTokenCannotBeRenewed(t *testing.T) {
	s, err := NewStaticToken(secret)
	if err != nil {
		t.Fatal(err)
	}
	if _, generation, err := s.Token(t.Context()); generation != 0 || err != nil {
		t.Errorf("got %d, %v", generation, err)
	}
	if err := s.Renew(t.Context(), 0); err == nil || !strings.Contains(err.Error(), "--token-file") {
		t.Errorf("got %v", err)
	}
	if _, err := NewStaticToken(" "); err == nil {
		t.Error("an empty token: got no error")
	}
}

// Nothing that holds a token prints it, however it is asked.
func TestNothingPrintsTheToken(t *testing.T) {
	path := writeSecret(t, secret)
	csv := writeSecret(t, "loc1,"+secret)
	static, _ := NewStaticToken(secret)
	file, _ := OpenTokenFile(path)
	many, _ := OpenTokensCSV(csv)
	one, _ := many.For("loc1")
	base, _ := ParseBase("https://x.example")
	client := &Client{Base: base, HTTP: answering(401, `{"message":"no `+secret+`"}`), Tokens: static}
	reply, refusal := client.Create(t.Context(), pair) // fills the client's cache as well
	lost := &Client{Base: base, HTTP: failing(fmt.Errorf("bad header %s", secret)), Tokens: static}
	lostReply, lostErr := lost.Create(t.Context(), pair)

	type holder struct {
		Shown  Token
		hidden Token
		inner  struct{ token Token }
	}
	held := holder{Shown: secretToken, hidden: secretToken}
	held.inner.token = secretToken
	things := []any{
		secretToken, &secretToken, held, &held, map[string]Token{"a": secretToken}, []Token{secretToken},
		static, *static, file, many, one, client, reply, refusal, lost, lostReply, lostErr, client.current.Load(),
	}
	for _, thing := range things {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			hasNoSecret(t, fmt.Sprintf("%T "+verb, thing, thing), verb)
		}
		if text, err := json.Marshal(thing); err == nil {
			hasNoSecret(t, string(text), "json")
		}
		for _, handler := range []func(*bytes.Buffer) slog.Handler{
			func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
			func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		} {
			var out bytes.Buffer
			slog.New(handler(&out)).Info("m", "thing", thing)
			hasNoSecret(t, out.String(), "slog")
		}
	}
	text, _ := secretToken.MarshalText()
	for _, got := range []string{fmt.Sprint(secretToken), secretToken.String(), secretToken.GoString(), string(text), secretToken.LogValue().String()} {
		if got != hidden {
			t.Errorf("got %q, want %q", got, hidden)
		}
	}
	for _, err := range []error{refusal, lostErr} {
		var detail *Error
		if !errors.As(err, &detail) {
			t.Fatalf("got %v", err)
		}
		for _, text := range []string{err.Error(), detail.Advice(), fmt.Sprint(detail.Unwrap())} {
			hasNoSecret(t, text, "error")
		}
	}
}

func hasNoSecret(t *testing.T, text, how string) {
	t.Helper()
	if strings.Contains(text, secret) || strings.Contains(strings.ToLower(text), fmt.Sprintf("%x", secret)) {
		t.Errorf("%s prints the token: %s", how, text)
	}
}
