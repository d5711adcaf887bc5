package leadconnector

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"relink/importer"
)

func TestHeadersOfEveryCall(t *testing.T) {
	var seen *http.Request
	var body string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen = r
		text, _ := io.ReadAll(r.Body)
		body = string(text)
		w.Header().Set("X-RateLimit-Remaining", "7")
		w.Header().Set("Retry-After", "3")
		_, _ = io.WriteString(w, `{"id":"a1","locationId":"loc1","relations":[],"associations":[]}`)
	})
	ctx := t.Context()
	calls := map[string]struct {
		target string
		body   string
		call   func() (importer.Reply, error)
	}{
		"create": {"POST /associations/relations", `{"locationId":"loc1","associationId":"asc1","firstRecordId":"rec1","secondRecordId":"rec2"}`,
			func() (importer.Reply, error) { return c.Create(ctx, pair) }},
		"delete": {"DELETE /associations/relations/rel%2F1?locationId=loc1", "",
			func() (importer.Reply, error) { return c.Delete(ctx, "loc1", "rel/1") }},
		"list": {"GET /associations/relations/rec1?associationIds=a&associationIds=b&limit=100&locationId=loc1&skip=0", "",
			func() (importer.Reply, error) {
				_, _, reply, err := c.List(ctx, "loc1", "rec1", []string{"a", "b"}, 0, 100)
				return reply, err
			}},
		"association": {"GET /associations/a1", "",
			func() (importer.Reply, error) { _, reply, err := c.Association(ctx, "loc1", "a1"); return reply, err }},
		"by key": {"GET /associations/key/a%20b?locationId=loc1", "",
			func() (importer.Reply, error) {
				_, reply, err := c.AssociationByKey(ctx, "loc1", "a b")
				return reply, err
			}},
		"associations": {"GET /associations/?limit=100&locationId=loc1&skip=0", "",
			func() (importer.Reply, error) { _, reply, err := c.Associations(ctx, "loc1"); return reply, err }},
	}
	for name, tt := range calls {
		t.Run(name, func(t *testing.T) {
			reply, err := tt.call()
			if err != nil {
				t.Fatal(err)
			}
			if got := seen.Method + " " + seen.URL.RequestURI(); got != tt.target {
				t.Errorf("got %q, want %q", got, tt.target)
			}
			if body != tt.body {
				t.Errorf("body: got %q, want %q", body, tt.body)
			}
			want := map[string]string{
				"Authorization": "Bearer " + secret, "Version": "2021-07-28", "Accept": "application/json",
				"User-Agent": "relink/1.2", "Idempotency-Key": "", "Accept-Encoding": "", "Content-Type": "",
			}
			if tt.body != "" {
				want["Content-Type"] = "application/json"
			}
			for header, value := range want {
				if got := seen.Header.Get(header); got != value {
					t.Errorf("%s: got %q, want %q", header, got, value)
				}
			}
			if seen.ProtoMajor != 1 {
				t.Errorf("got %s, want HTTP/1.1", seen.Proto)
			}
			if reply.Status != 200 || !reply.Quota.HasRemaining || reply.Quota.Remaining != 7 || reply.RetryAfter.Seconds() != 3 {
				t.Errorf("got %+v", reply)
			}
		})
	}
}

func TestBodiesAreBoundedAndConnectionsKept(t *testing.T) {
	ports := map[string]bool{}
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		ports[r.RemoteAddr] = true
		w.WriteHeader(422)
		_, _ = io.WriteString(w, strings.Repeat("x", maxAnswer+maxDrain-1))
	})
	for range 5 {
		reply, err := c.Create(t.Context(), pair)
		if classOf(err) != importer.Rejected || len(reply.Message) > maxMessage+2 {
			t.Errorf("got %d bytes, %v", len(reply.Message), classOf(err))
		}
	}
	if len(ports) != 1 {
		t.Errorf("got %d connections, want 1", len(ports))
	}
}

func TestEndlessBodyEnds(t *testing.T) {
	ended := make(chan struct{})
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		part := []byte(strings.Repeat("x", 32<<10))
		for r.Context().Err() == nil {
			if _, err := w.Write(part); err != nil {
				return
			}
		}
	})
	if _, err := c.Create(t.Context(), pair); err != nil {
		t.Error(err)
	}
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Error("the connection was left open")
	}
}

// The body of a 101 is the connection itself, and has no end to wait for.
func TestSwitchingProtocolsIsDoubt(t *testing.T) {
	left := make(chan error, 1)
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			left <- err
			return
		}
		defer func() { _ = conn.Close() }()
		_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		_, err = io.Copy(io.Discard, conn)
		left <- err
	})
	if reply, err := c.Create(t.Context(), pair); classOf(err) != importer.Doubt || reply.Status != 101 {
		t.Errorf("got %+v, %v", reply, err)
	}
	if err := <-left; err != nil {
		t.Errorf("the connection was left open: %v", err)
	}
}

// For net/http to take another connection when a kept one turns out closed
// before a byte was written.
func TestBodyCanBeHadAgain(t *testing.T) {
	u, _ := url.Parse("https://x.example")
	req := newRequest(t.Context(), call{method: "POST", url: u, body: []byte("abc")}, &credential{})
	for range 2 {
		body, err := req.GetBody()
		if err != nil {
			t.Fatal(err)
		}
		if text, _ := io.ReadAll(body); string(text) != "abc" {
			t.Errorf("got %q", text)
		}
	}
}

func TestLocationCountsOnARedirectOnly(t *testing.T) {
	header := http.Header{"Content-Type": {typeJSON}, "Location": {"https://other.example/"}}
	if reply, _ := refused("POST", 404, header, `{"message":"gone"}`); reply.Message != "gone" {
		t.Errorf("got %q", reply.Message)
	}
}

func TestErrorUnwrapsToClassAndTransport(t *testing.T) {
	base, _ := ParseBase("https://x.example")
	c := &Client{Base: base, HTTP: failing(io.ErrUnexpectedEOF), Tokens: &StaticToken{token: secretToken}}
	reply, err := c.Create(t.Context(), pair)
	var detail *Error
	if !errors.As(err, &detail) || !errors.Is(err, importer.Doubt) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
	if got, want := err.Error(), "no clear answer: unexpected EOF"; got != want || reply.Message != "unexpected EOF" {
		t.Errorf("got %q, want %q", got, want)
	}
}

func BenchmarkCreate(b *testing.B) {
	c := serve(b, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(201)
		_, _ = io.WriteString(w, `{"id":"65f0c0ffee65f0c0ffee65f0","firstRecordId":"rec1","traceId":"0f3c"}`)
	})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Create(context.Background(), pair); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCreateAlone leaves net/http out: what this package costs itself.
func BenchmarkCreateAlone(b *testing.B) {
	base, _ := ParseBase("https://x.example")
	c := &Client{Base: base, HTTP: answering(201, `{"id":"65f0c0ffee65f0c0ffee65f0","firstRecordId":"rec1","traceId":"0f3c"}`), Tokens: &StaticToken{token: secretToken}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Create(context.Background(), pair); err != nil {
			b.Fatal(err)
		}
	}
}
