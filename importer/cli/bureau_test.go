package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"relink/importer/sandbox"
)

const (
	appSecret = "client-secret-that-nobody-may-see"
	codes     = 16 // of each location
)

// A bureau is a sandbox with OAuth that stops at every step of an exchange, and
// remembers every secret that it gave out.
type bureau struct {
	t        *testing.T
	server   *sandbox.Server
	dir      string
	database string
	env      []string

	mu        sync.Mutex
	step      func(step string) bool // "asked", "exchanged", "answered"; false: goes no further
	broken    int                    // so many exchanges are answered by an echo
	secrets   []string
	exchanges int
	dead      int // answers of invalid_grant
}

func newBureau(t *testing.T, c sandbox.Config, locations ...string) *bureau {
	t.Helper()
	b := &bureau{t: t, dir: t.TempDir(), database: newDatabase(t), secrets: []string{appSecret}}
	c.OAuth.ClientID, c.OAuth.ClientSecret, c.OAuth.Grants = "app-1", appSecret, map[string]string{}
	for _, location := range locations {
		for i := range codes {
			c.OAuth.Grants[b.code(location, i)] = location
		}
	}
	if c.Limit == (sandbox.Limit{}) {
		c.Limit = sandbox.Limit{Max: -1, Daily: -1}
	}
	var err error
	if b.server, err = sandbox.New(c); err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(b)
	t.Cleanup(web.Close)
	b.env = append(os.Environ(), "HOME="+b.dir, "RELINK_STATE_DIR="+filepath.Join(b.dir, "state"), "RELINK_DATABASE_URL="+b.database,
		"RELINK_API_URL="+web.URL, "RELINK_CLIENT_ID=app-1", "RELINK_CLIENT_SECRET="+appSecret, "RELINK_TOKEN=")
	return b
}

// code is one of a location's authorization codes.
func (b *bureau) code(location string, i int) string {
	return fmt.Sprintf("secret-code-%d-of-%s", i, location)
}

// ServeHTTP serves as the sandbox does, but for exchanges and echoes.
func (b *bureau) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body bytes.Buffer
	_, _ = body.ReadFrom(r.Body)
	r.Body = http.MaxBytesReader(nil, readCloser{bytes.NewReader(body.Bytes())}, 1<<20)
	w.Header().Set("Content-Type", "application/json")
	if strings.Contains(body.String(), "echo") {
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprintf(w, `{"message":"you said %s"}`, r.Header.Get("Authorization"))
		return
	}
	if r.URL.Path != "/oauth/token" {
		b.server.ServeHTTP(w, r)
		return
	}
	b.mu.Lock()
	step, broken := b.step, b.broken > 0
	b.broken--
	b.mu.Unlock()
	if broken {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintf(w, `{"message":%q}`, body.String())
		return
	}
	if step == nil {
		step = func(string) bool { return true }
	}
	if !step("asked") {
		panic(http.ErrAbortHandler)
	}
	rec := httptest.NewRecorder()
	b.server.ServeHTTP(rec, r)
	b.note(rec)
	if !step("exchanged") {
		panic(http.ErrAbortHandler)
	}
	// Without a length the client would wait for the end of this handler.
	w.Header().Set("Content-Length", strconv.Itoa(rec.Body.Len()))
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes())
	_ = http.NewResponseController(w).Flush()
	step("answered")
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }

func (b *bureau) note(rec *httptest.ResponseRecorder) {
	var told struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		Error   string `json:"error"`
	}
	_ = json.Unmarshal(rec.Body.Bytes(), &told)
	b.mu.Lock()
	defer b.mu.Unlock()
	if told.Access != "" {
		b.exchanges++
		b.secrets = append(b.secrets, told.Access, told.Refresh)
	}
	if told.Error == "invalid_grant" {
		b.dead++
	}
}

// at sets what happens at the steps of an exchange.
func (b *bureau) at(step func(string) bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.step = step
}

func (b *bureau) count() (exchanges, dead int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.exchanges, b.dead
}

// advance moves the service's clock: tokens end.
func (b *bureau) advance(by string) { b.control("clock?advance=" + by) }

// revoke spoils a token for good.
func (b *bureau) revoke(token string) { b.control("revoke?token=" + url.QueryEscape(token)) }

func (b *bureau) control(path string) {
	b.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/_sandbox/"+path, nil)
	r.RemoteAddr = "127.0.0.1:1"
	rec := httptest.NewRecorder()
	b.server.ServeHTTP(rec, r)
	if rec.Code != http.StatusOK {
		b.t.Fatalf("POST %s: %d %s", path, rec.Code, rec.Body)
	}
}

// A shell is one call of relink, under way.
type shell struct {
	*exec.Cmd
	out, err bytes.Buffer
}

func (b *bureau) start(stdin string, args ...string) *shell {
	b.t.Helper()
	s := &shell{Cmd: exec.Command("relink", args...)}
	s.Env, s.Dir, s.Stdin, s.Stdout, s.Stderr = b.env, b.dir, strings.NewReader(stdin), &s.out, &s.err
	if err := s.Start(); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = s.Process.Kill() })
	return s
}

// exit waits for the end, keeps what was said for leaks, and returns the code.
func (b *bureau) exit(s *shell) int {
	b.t.Helper()
	_ = s.Wait()
	said, err := os.OpenFile(filepath.Join(b.dir, "said.txt"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = said.Write(append(s.out.Bytes(), s.err.Bytes()...))
	}
	if err != nil {
		b.t.Fatal(err)
	}
	_ = said.Close()
	return s.ProcessState.ExitCode()
}

// relink runs to the end and checks the exit code.
func (b *bureau) relink(code int, stdin string, args ...string) *shell {
	b.t.Helper()
	s := b.start(stdin, args...)
	if got := b.exit(s); got != code {
		b.t.Fatalf("relink %s exited with %d, want %d\nstdout: %s\nstderr: %s", strings.Join(args, " "), got, code, &s.out, &s.err)
	}
	return s
}

// login stores a grant by one of the location's codes.
func (b *bureau) login(location string, i int) {
	b.t.Helper()
	b.secrets = append(b.secrets, b.code(location, i))
	b.relink(0, b.code(location, i)+"\r\n", "login", "--code", "-")
}

// links writes a file of so many pairs for each location.
func (b *bureau) links(name string, each int, locations ...string) string {
	b.t.Helper()
	lines := []string{"locationId,associationId,firstRecordId,secondRecordId"}
	for i := range each {
		for _, location := range locations {
			lines = append(lines, fmt.Sprintf("%s,assoc,first%d,second%d", location, i, i))
		}
	}
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		b.t.Fatal(err)
	}
	return name
}

// relations is how many the service has.
func (b *bureau) relations() int { return b.server.Stats().Relations }

// granted is the file of grants, as far as these tests look into it.
func (b *bureau) granted(location string) (access, refresh string, renewing time.Time) {
	b.t.Helper()
	path := filepath.Join(b.dir, "state", "credentials.json")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		b.t.Fatalf("the credentials file: %v, %v, want mode 0600", info, err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		b.t.Fatal(err)
	}
	var file struct {
		Services map[string]map[string]struct {
			Access   string    `json:"access_token"`
			Refresh  string    `json:"refresh_token"`
			Renewing time.Time `json:"renewing"`
		} `json:"services"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		b.t.Fatalf("the credentials file is no JSON: %v", err)
	}
	for _, locations := range file.Services {
		g := locations[location]
		return g.Access, g.Refresh, g.Renewing
	}
	return "", "", time.Time{}
}
