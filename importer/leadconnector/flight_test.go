package leadconnector

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptrace"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"relink/importer"
)

func TestUnsentOnlyWhenCertain(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	tests := []struct {
		name  string
		state uint32
		err   error
		want  importer.Class
	}{
		{"waiting for a connection", asked, context.Canceled, importer.Unsent},
		{"proxy unreachable", asked, &net.OpError{Op: "proxyconnect", Err: refused}, importer.Unsent},
		{"handshake cut", asked, io.EOF, importer.Unsent},
		{"cancelled on a connection", held, context.Canceled, importer.Doubt},
		{"dial error on a connection", held, refused, importer.Doubt},
		{"reset", held, &net.OpError{Op: "read", Err: syscall.ECONNRESET}, importer.Doubt},

		{"unwatched: dial", unwatched, refused, importer.Unsent},
		{"unwatched: unknown host", unwatched, &net.DNSError{Err: "no such host", IsNotFound: true}, importer.Unsent},
		{"unwatched: certificate", unwatched, &tls.CertificateVerificationError{Err: errors.New("?")}, importer.Unsent},
		{"unwatched: authority", unwatched, x509.UnknownAuthorityError{}, importer.Unsent},
		{"unwatched: no TLS", unwatched, tls.RecordHeaderError{Msg: "x"}, importer.Unsent},
		{"unwatched: proxy settings", unwatched, errProxy, importer.Unsent},
		{"unwatched: read", unwatched, &net.OpError{Op: "read", Err: syscall.ECONNRESET}, importer.Doubt},
		{"unwatched: write", unwatched, &net.OpError{Op: "write", Err: syscall.EPIPE}, importer.Doubt},
		{"unwatched: deadline", unwatched, context.DeadlineExceeded, importer.Doubt},
		{"unwatched: EOF", unwatched, io.EOF, importer.Doubt},
		{"unwatched: anything", unwatched, errors.New("?"), importer.Doubt},
	}
	for _, tt := range tests {
		f := new(flight)
		f.state.Store(tt.state)
		wrapped := &url.Error{Op: "Post", URL: "https://x.example/?locationId=loc1", Err: tt.err}
		e := f.lost(wrapped, secretToken)
		if e.Class != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, e.Class, tt.want)
		}
		if strings.Contains(e.Error(), "loc1") || !errors.Is(e, tt.want) {
			t.Errorf("%s: got %v", tt.name, e)
		}
	}
}

func TestWatch(t *testing.T) {
	ctx, f := watch(t.Context())
	trace := httptrace.ContextClientTrace(ctx)
	trace.GetConn("x")
	trace.GotConn(httptrace.GotConnInfo{})
	if f.class(io.EOF) != importer.Doubt {
		t.Error("with a connection: want doubt")
	}
	trace.GetConn("x") // the transport gave up the first one with nothing written
	if f.class(io.EOF) != importer.Unsent {
		t.Error("waiting for another connection: want unsent")
	}
}

func TestSecretInTheTransportsError(t *testing.T) {
	e := new(flight).lost(fmt.Errorf("bad\nvalue %s", secret), secretToken)
	if e.Message != "bad value [token]" || len(e.Unwrap()) != 1 {
		t.Errorf("got %q, %v", e.Message, e.Unwrap())
	}
}
