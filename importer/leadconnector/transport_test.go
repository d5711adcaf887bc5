package leadconnector

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"relink/importer"
)

func TestCutBeforeTheHeadersIsDoubt(t *testing.T) {
	var calls atomic.Int32
	c := serve(t, func(http.ResponseWriter, *http.Request) {
		calls.Add(1)
		panic(http.ErrAbortHandler)
	})
	reply, err := c.Create(t.Context(), pair)
	if classOf(err) != importer.Doubt || reply.Status != 0 || reply.Message == "" {
		t.Errorf("got %+v, %v", reply, err)
	}
	if got := calls.Load(); got != 1 {
		t.Errorf("got %d calls, want 1", got)
	}
}

// A kept connection that breaks after the request was written must not make
// net/http send the POST again by itself.
func TestBrokenKeptConnectionIsNotReplayed(t *testing.T) {
	var calls atomic.Int32
	c := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if calls.Add(1) > 1 {
			panic(http.ErrAbortHandler)
		}
	})
	if _, err := c.Create(t.Context(), pair); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Create(t.Context(), pair); classOf(err) != importer.Doubt {
		t.Errorf("got %v, want doubt", err)
	}
	if got := calls.Load(); got != 2 {
		t.Errorf("got %d calls, want 2", got)
	}
}

func TestCutWithinTheBody(t *testing.T) {
	cut := func(status int, body string) *Client {
		return serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "5000")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		})
	}
	if reply, err := cut(201, `{"id":"rel1","first`).Create(t.Context(), pair); err != nil || reply.RelationID != "" {
		t.Errorf("2xx: got %+v, %v", reply, err)
	}
	if _, err := cut(400, `{"message":"duplicate relation of obj`).Create(t.Context(), pair); classOf(err) != importer.Duplicate {
		t.Errorf("400: got %v, want a duplicate", err)
	}
	if _, err := cut(403, `{"mess`).Create(t.Context(), pair); classOf(err) != importer.Refused {
		t.Errorf("403: got %v, want refused", err)
	}
	if _, _, _, err := cut(200, `{"relations":[]}`).List(t.Context(), "l", "r", nil, 0, 100); classOf(err) != importer.Doubt {
		t.Errorf("read: got %v, want doubt", err)
	}
}

func TestRedirects(t *testing.T) {
	others := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { others++ }))
	defer other.Close()
	var to string
	var status, arrived int
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			arrived++
			_, _ = io.WriteString(w, `{"id":"a1","locationId":"loc1"}`)
			return
		}
		w.Header().Set("Location", to)
		w.WriteHeader(status)
	})
	for _, status = range []int{301, 302, 303, 307, 308} {
		for _, to = range []string{"/moved", other.URL + "/moved"} {
			for name, call := range map[string]func() (importer.Reply, error){
				"create": func() (importer.Reply, error) { return c.Create(t.Context(), pair) },
				"delete": func() (importer.Reply, error) { return c.Delete(t.Context(), "loc1", "rel1") },
			} {
				reply, err := call()
				if classOf(err) != importer.Blocked || reply.Status != status {
					t.Errorf("%s, %d to %s: got %+v, %v", name, status, to, reply, err)
				}
			}
		}
		to = other.URL + "/moved"
		reply, err := func() (importer.Reply, error) { _, r, err := c.Association(t.Context(), "loc1", "a1"); return r, err }()
		if classOf(err) != importer.Blocked || !strings.Contains(reply.Message, "redirected to 127.0.0.1") {
			t.Errorf("GET elsewhere, %d: got %+v, %v", status, reply, err)
		}
		if arrived != 0 || others != 0 {
			t.Fatalf("%d: a redirect was followed", status)
		}
		to = "/moved"
		if _, _, err := c.Association(t.Context(), "loc1", "a1"); err != nil || arrived != 1 {
			t.Errorf("GET within the host, %d: got %v", status, err)
		}
		arrived = 0
	}
	to = "/round"
	if _, _, err := c.Association(t.Context(), "loc1", "a1"); classOf(err) != importer.Blocked {
		t.Errorf("a round trip: got %v, want blocked", err)
	}
}

func TestRedirectToPlainHTTP(t *testing.T) {
	from, _ := http.NewRequest(http.MethodGet, "https://x.example/a", nil)
	to, _ := http.NewRequest(http.MethodGet, "http://x.example/a", nil)
	if err := checkRedirect(to, []*http.Request{from}); !errors.Is(err, http.ErrUseLastResponse) {
		t.Errorf("got %v", err)
	}
}

func TestSlowAnswerIsDoubt(t *testing.T) {
	release := make(chan struct{})
	c := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-release:
		}
	})
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := c.Create(ctx, pair)
	if classOf(err) != importer.Doubt || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want doubt", err)
	}
}

func TestEndedContextSendsNothing(t *testing.T) {
	c := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a call was made") })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Create(ctx, pair); classOf(err) != importer.Unsent || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want unsent", err)
	}
}

func TestNotReachedIsUnsent(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	if _, err := clientOf(t, gone.URL).Create(t.Context(), pair); classOf(err) != importer.Unsent {
		t.Errorf("refused connection: got %v", err)
	}
	selfSigned := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a call was made") }))
	selfSigned.Config.ErrorLog = log.New(io.Discard, "", 0)
	selfSigned.StartTLS()
	defer selfSigned.Close()
	_, err := clientOf(t, selfSigned.URL).Create(t.Context(), pair)
	var detail *Error
	if classOf(err) != importer.Unsent || !errors.As(err, &detail) || !strings.Contains(detail.Advice(), "certificate") {
		t.Errorf("self-signed: got %v", err)
	}
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a call was made") }))
	defer plain.Close()
	if _, err := clientOf(t, "https"+strings.TrimPrefix(plain.URL, "http")).Create(t.Context(), pair); classOf(err) != importer.Unsent {
		t.Errorf("no TLS there: got %v", err)
	}
}

// A context that ends while the connection is still being made.
func TestEndWhileDiallingIsUnsent(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // never answers the handshake
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = clientOf(t, "https://"+listener.Addr().String()).Create(ctx, pair)
	if classOf(err) != importer.Unsent {
		t.Errorf("got %v, want unsent", err)
	}
}

func TestNewHTTP(t *testing.T) {
	client := NewHTTP(64)
	transport := client.Transport.(*http.Transport)
	if client.Timeout != 0 || transport.MaxIdleConnsPerHost != 64 || transport.MaxIdleConns != 0 || transport.MaxConnsPerHost != 0 {
		t.Errorf("got %+v", client)
	}
	if transport.TLSClientConfig.InsecureSkipVerify || transport.TLSClientConfig.MinVersion < 0x0303 || transport.Protocols.HTTP2() || transport.Proxy == nil {
		t.Errorf("got %+v", transport)
	}
	if NewHTTP(0).Transport.(*http.Transport).MaxIdleConnsPerHost != 1 {
		t.Error("no worker: got no connection")
	}
}

func TestProxySettingsStaySecret(t *testing.T) {
	client := NewHTTP(1)
	client.Transport.(*http.Transport).Proxy = quietly(func(*http.Request) (*url.URL, error) {
		return nil, errors.New("invalid proxy address http://user:hunter22@%zz")
	})
	c := clientOf(t, "https://x.example")
	c.HTTP = client
	reply, err := c.Create(t.Context(), pair)
	if classOf(err) != importer.Unsent || strings.Contains(err.Error()+reply.Message, "hunter22") {
		t.Errorf("got %+v, %v", reply, err)
	}
}
