package leadconnector

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"relink/importer"
)

// A Doer makes one HTTP request. [http.Client] is one; NewHTTP makes one that
// follows no redirects with the token and keeps connections for all workers.
// It must not change the request's header: requests share it.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// A Client makes the calls of one location, whose credential it holds. Base,
// HTTP and Tokens are required; no field may change after the first call. Its
// methods may be called by many goroutines at a time.
//
// Every method makes one attempt, bounded by its context, and returns a Reply
// that is filled in as far as an answer arrived. Its error is nil for a 2xx,
// else an *Error.
type Client struct {
	Base      *url.URL // from ParseBase
	HTTP      Doer     // from NewHTTP
	Tokens    Tokens
	UserAgent string // "relink" if empty

	current atomic.Pointer[credential]
}

// Renew gets a newer credential than the generation that was refused, as
// importer.Sender asks for it.
func (c *Client) Renew(ctx context.Context, generation int) error {
	return c.Tokens.Renew(ctx, generation)
}

// A call is one request to be made.
type call struct {
	method string
	url    *url.URL // nil for the address at which relations are created
	body   []byte   // nil for none
	limit  int      // bytes of the answer to keep
}

// A success is a 2xx answer. Its body is borrowed: give it back.
type success struct {
	token Token
	body  *[]byte
	whole bool // the body came to its end within the limit
}

// do makes the call, once. On any error the success is empty.
func (c *Client) do(ctx context.Context, call call) (importer.Reply, success, error) {
	if err := ctx.Err(); err != nil {
		return unsent(importer.Unsent, err)
	}
	cred, err := c.credential(ctx)
	if err != nil && ctx.Err() != nil {
		return unsent(importer.Unsent, ctx.Err())
	}
	if told := (*Error)(nil); errors.As(err, &told) {
		return importer.Reply{Message: told.Message}, success{}, told
	}
	if err != nil {
		return unsent(importer.Refused, err)
	}

	watched, flight := watch(ctx)
	res, err := c.HTTP.Do(newRequest(watched, call, cred))
	if err != nil {
		if res != nil {
			_ = res.Body.Close()
		}
		e := flight.lost(err, cred.token)
		return importer.Reply{Message: e.Message, Credential: cred.generation}, success{}, e
	}
	defer func() { _ = res.Body.Close() }()

	now := time.Now()
	reply := importer.Reply{
		Status:     res.StatusCode,
		RetryAfter: retryAfter(res.Header, now),
		Quota:      quotaOf(res.Header, now),
		Credential: cred.generation,
	}
	got := success{token: cred.token, body: borrow()}
	if res.StatusCode != http.StatusSwitchingProtocols { // whose body is the connection and has no end
		*got.body, got.whole = readBody(res.Body, *got.body, call.limit)
	}
	if res.StatusCode >= 200 && res.StatusCode <= 299 {
		return reply, got, nil
	}
	defer giveBack(got.body)
	e := refusal(call.method, res.Header, *got.body, &reply, cred.token)
	return reply, success{}, e
}

// newRequest builds by hand what http.NewRequest would parse each time.
func newRequest(ctx context.Context, call call, cred *credential) *http.Request {
	req := http.Request{Method: call.method, URL: call.url, Header: cred.read}
	if req.URL == nil {
		req.URL = cred.create
	}
	req.Host = req.URL.Host
	if call.body != nil {
		req.Header = cred.write
		req.ContentLength = int64(len(call.body))
		req.Body = io.NopCloser(bytes.NewReader(call.body))
		// For a kept connection that turns out closed before a byte was
		// written: net/http then takes another, if it can have the body again.
		req.GetBody = func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(call.body)), nil
		}
	}
	return req.WithContext(ctx)
}

// refusal reads an answer that is no 2xx into the reply and into an Error.
func refusal(method string, header http.Header, body []byte, reply *importer.Reply, token Token) *Error {
	said := read(header.Get("Content-Type"), body)
	r := classify(answer{
		method:    method,
		status:    reply.Status,
		daily0:    reply.Quota.HasDailyRemaining && reply.Quota.DailyRemaining == 0,
		statement: said,
	})
	reply.Cause = r.cause
	reply.TraceID = clean(said.trace, token, maxTraceID)
	reply.Message = clean(said.words, token, maxMessage)
	if to, err := url.Parse(header.Get("Location")); err == nil && to.Host != "" && reply.Status/100 == 3 {
		reply.Message = clean("redirected to "+to.Host+", which was not followed", token, maxMessage)
	}
	if reply.Message == "" {
		reply.Message = clean(http.StatusText(reply.Status), token, maxMessage)
	}
	return &Error{
		Status: reply.Status, Class: r.class, Cause: r.cause, Message: reply.Message,
		TraceID: reply.TraceID, RetryAfter: reply.RetryAfter, advice: r.advice,
	}
}

// unsent is the end of a call that was never begun.
func unsent(class importer.Class, err error) (importer.Reply, success, error) {
	e := &Error{Class: class, Message: clean(err.Error(), Token{}, maxMessage), transport: err}
	return importer.Reply{Message: e.Message}, success{}, e
}
