package leadconnector

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"testing"

	"relink/importer"
)

func TestUserAgentIsNeverTheLibrarys(t *testing.T) {
	c := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		if got := r.UserAgent(); got != "relink" {
			t.Errorf("got %q", got)
		}
	})
	c.UserAgent = ""
	if _, err := c.Create(t.Context(), pair); err != nil {
		t.Error(err)
	}
}

func TestRenewedTokenIsUsed(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer pit-newer-token" {
			w.WriteHeader(401)
			_, _ = io.WriteString(w, `{"message":"Invalid JWT: `+secret+`","traceId":"t-1"}`)
		}
	})
	path := writeSecret(t, secret)
	file, err := OpenTokenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c.Tokens = file
	reply, err := c.Create(t.Context(), pair)
	if classOf(err) != importer.Stale || reply.Credential != 0 || reply.TraceID != "t-1" || reply.Message != "Invalid JWT: [token]" {
		t.Errorf("got %+v, %v", reply, err)
	}
	if got, want := err.Error(), "credential out of date: 401 Invalid JWT: [token] (trace t-1)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := os.WriteFile(path, []byte("pit-newer-token"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.Renew(t.Context(), reply.Credential); err != nil {
		t.Fatal(err)
	}
	if reply, err := c.Create(t.Context(), pair); err != nil || reply.Credential != 1 {
		t.Errorf("got %+v, %v", reply, err)
	}
}

// noTokens is a source that fails.
type noTokens struct{ err error }

func (n noTokens) Token(context.Context) (Token, int, error) { return Token{}, 0, n.err }
func (n noTokens) Renew(context.Context, int) error          { return n.err }

func TestWithoutATokenNothingIsSent(t *testing.T) {
	c := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a call was made") })
	for _, err := range []error{errors.New("store locked"), nil} {
		c.Tokens = noTokens{err}
		if _, got := c.Create(t.Context(), pair); classOf(got) != importer.Refused {
			t.Errorf("got %v, want a refused credential", got)
		}
	}
}

// endingTokens is a source that is asked in vain until the call is given up.
type endingTokens struct{ cancel context.CancelFunc }

func (e endingTokens) Token(ctx context.Context) (Token, int, error) {
	e.cancel()
	<-ctx.Done()
	return Token{}, 0, ctx.Err()
}
func (e endingTokens) Renew(ctx context.Context, _ int) error { return ctx.Err() }

func TestGivenUpWhileWaitingForATokenIsUnsent(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := withAnswer(201, "")
	c.Tokens = endingTokens{cancel}
	if _, err := c.Create(ctx, pair); classOf(err) != importer.Unsent || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want unsent", err)
	}
}

// turning is a source whose next token and generation are set by the test.
type turning struct {
	token      Token
	generation int
}

func (u *turning) Token(context.Context) (Token, int, error) { return u.token, u.generation, nil }
func (u *turning) Renew(context.Context, int) error          { return nil }

func TestTokenAndGenerationAreNeverMixedUp(t *testing.T) {
	var seen string
	c := serve(t, func(_ http.ResponseWriter, r *http.Request) { seen = r.Header.Get("Authorization") })
	source := &turning{}
	c.Tokens = source
	for _, tt := range []struct {
		text       string
		generation int
	}{{"first", 0}, {"second", 0}, {"second", 1}, {"first", 1}} {
		source.generation = tt.generation
		if source.token.reveal() != tt.text {
			source.token, _ = NewToken(tt.text)
		}
		reply, err := c.Create(t.Context(), pair)
		if err != nil || seen != "Bearer "+tt.text || reply.Credential != tt.generation {
			t.Errorf("%+v: got %q, %+v, %v", tt, seen, reply, err)
		}
	}
}
