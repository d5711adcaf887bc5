package leadconnector

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"relink/importer"
	"relink/importer/sandbox"
)

const testService = "https://x.example"

// An authority is a Doer in front of a sandbox, which can lose a request for a
// token before it arrives or after it was carried out.
type authority struct {
	server *sandbox.Server

	mu        sync.Mutex
	before    func() error // of an exchange
	after     func() error
	exchanges int
}

func newAuthority(t *testing.T, c sandbox.Config) *authority {
	t.Helper()
	server, err := sandbox.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{server: server}
}

func (a *authority) Do(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	exchange := r.URL.Path == "/oauth/token"
	a.mu.Lock()
	before, after := a.before, a.after
	if exchange {
		a.exchanges++
	}
	a.mu.Unlock()
	if exchange && before != nil {
		if err := before(); err != nil {
			return nil, err
		}
	}
	served := r.Clone(r.Context())
	if served.Body == nil {
		served.Body = http.NoBody
	}
	rec := httptest.NewRecorder()
	a.server.ServeHTTP(rec, served)
	if exchange && after != nil {
		if err := after(); err != nil {
			return nil, err
		}
	}
	if err := r.Context().Err(); err != nil { // as net/http does
		return nil, err
	}
	return rec.Result(), nil
}

func (a *authority) seen() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.exchanges
}

// control asks something of the sandbox itself.
func (a *authority) control(t *testing.T, path string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, nil)
	r.RemoteAddr = "127.0.0.1:1"
	rec := httptest.NewRecorder()
	a.server.ServeHTTP(rec, r)
	if rec.Code != http.StatusOK {
		t.Fatalf("POST %s: %d %s", path, rec.Code, rec.Body)
	}
}

func (a *authority) app() App {
	base, _ := ParseBase(testService)
	secret, _ := NewToken("client-secret-of-the-test")
	return App{Base: base, HTTP: a, ID: "client-id", Secret: secret}
}

// A desk is a folder with a credentials file in which one location has a grant.
type desk struct {
	t    *testing.T
	auth *authority
	path string
}

func newDesk(t *testing.T, c sandbox.Config) *desk {
	t.Helper()
	c.OAuth.Grants = map[string]string{"first-code": "loc1"}
	c.OAuth.ClientID, c.OAuth.ClientSecret = "client-id", "client-secret-of-the-test"
	d := &desk{t: t, auth: newAuthority(t, c), path: filepath.Join(t.TempDir(), "credentials.json")}
	code, _ := NewToken("first-code")
	if _, err := d.open().Login(t.Context(), d.auth.app(), Ticket{Code: code}); err != nil {
		t.Fatal(err)
	}
	d.auth.exchanges = 0
	return d
}

// open reads the file as another process would.
func (d *desk) open() *Credentials {
	d.t.Helper()
	c, err := OpenCredentials(d.path, testService)
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

func (d *desk) tokens() *grantTokens {
	d.t.Helper()
	t, err := d.open().For("loc1", d.auth.app())
	if err != nil {
		d.t.Fatal(err)
	}
	return t.(*grantTokens)
}

// renewed are tokens of which the service has refused the first.
func (d *desk) renewed() *grantTokens {
	d.t.Helper()
	tokens := d.tokens()
	if err := tokens.Renew(d.t.Context(), 0); err != nil {
		d.t.Error(err)
	}
	return tokens
}

// stored is the grant that the file has now.
func (d *desk) stored() grant {
	d.t.Helper()
	g, err := d.open().get("loc1")
	if err != nil {
		d.t.Fatal(err)
	}
	return g
}

func (d *desk) client(tokens Tokens) *Client {
	base, _ := ParseBase(testService)
	return &Client{Base: base, HTTP: d.auth, Tokens: tokens}
}

// send makes one call with the token and checks that the file has it already.
func (d *desk) send(c *Client, second string) (importer.Reply, error) {
	d.t.Helper()
	before := d.stored()
	reply, err := c.Create(context.Background(), importer.Relation{Location: "loc1", Association: "asc1", First: "rec1", Second: second})
	if token, _, lost := c.Tokens.Token(context.Background()); lost == nil {
		if now := d.stored().access.reveal(); token.reveal() != now && token.reveal() != before.access.reveal() {
			d.t.Errorf("a token is in use that the file does not have")
		}
	}
	return reply, err
}

// silent fails the test if a text holds a secret of the desk.
func (d *desk) silent(what, text string) {
	d.t.Helper()
	g := d.stored()
	for _, secret := range []string{g.access.reveal(), g.refresh.reveal(), "client-secret-of-the-test", "first-code"} {
		if strings.Contains(text, secret) {
			d.t.Errorf("%s holds a secret: %s", what, text)
		}
	}
}

// jsonAnswer is an answer without a service.
func jsonAnswer(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {typeJSON}},
		Body: io.NopCloser(bytes.NewBufferString(body))}
}
