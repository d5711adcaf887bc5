package leadconnector

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"

	"relink/importer"
)

// How far a request has got towards the wire.
const (
	unwatched uint32 = iota // the doer tells nothing
	asked                   // waits for a connection: nothing was written
	held                    // has one: from here on bytes may have been written
)

// A flight watches one request, to know whether a byte of it can have been
// written when it fails.
type flight struct {
	trace httptrace.ClientTrace
	state atomic.Uint32
}

// watch starts a flight for the request that gets the context.
func watch(ctx context.Context) (context.Context, *flight) {
	f := new(flight)
	// To ask anew also takes back an earlier connection: net/http makes a second
	// attempt at a POST or DELETE without Idempotency-Key only if on the first
	// not a byte was written.
	f.trace.GetConn = func(string) { f.state.Store(asked) }
	f.trace.GotConn = func(httptrace.GotConnInfo) { f.state.Store(held) }
	return httptrace.WithClientTrace(ctx, &f.trace), f
}

// class is Unsent if it is certain that nothing was written, else Doubt.
func (f *flight) class(err error) importer.Class {
	switch f.state.Load() {
	case asked:
		return importer.Unsent
	case unwatched:
		if beforeRequest(err) {
			return importer.Unsent
		}
	}
	return importer.Doubt
}

// beforeRequest reports whether err can only come from before the request: from
// looking up, dialling, the handshake or the proxy settings.
func beforeRequest(err error) bool {
	var (
		op     *net.OpError
		dns    *net.DNSError
		verify *tls.CertificateVerificationError
		record tls.RecordHeaderError
	)
	return errors.Is(err, errProxy) ||
		errors.As(err, &op) && op.Op == "dial" ||
		errors.As(err, &dns) ||
		errors.As(err, &verify) ||
		errors.As(err, &record) ||
		untrusted(err)
}

// untrusted reports whether the service's certificate did not pass.
func untrusted(err error) bool {
	var (
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
	)
	return errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid)
}

// lost is the Error of a call that brought no answer.
func (f *flight) lost(err error, token Token) *Error {
	class := f.class(err)
	// url.Error repeats the whole address.
	if outer := (*url.Error)(nil); errors.As(err, &outer) {
		err = outer.Err
	}
	e := &Error{Class: class, Message: clean(err.Error(), token, maxMessage)}
	if secret := token.reveal(); secret == "" || !strings.Contains(err.Error(), secret) {
		e.transport = err
	}
	if untrusted(err) {
		e.advice = "the service's certificate is not trusted here: check --api-url and the machine's clock; behind a proxy that opens TLS, name its certificate in SSL_CERT_FILE"
	}
	return e
}
