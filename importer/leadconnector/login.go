package leadconnector

import (
	"context"
	"errors"
	"fmt"
	"time"

	"relink/importer"
)

// A Ticket is what a person brings to get the first grant: the authorization
// code of the app's install link, or a refresh token from elsewhere.
type Ticket struct {
	Code, Refresh Token  // one of them
	Redirect      string // with a code, if the app has several redirect URLs
	Location      string // empty: the one that the service names
}

// An Issued is a grant that is stored.
type Issued struct {
	Location string
	Scopes   []string // none: the service did not say
	Expires  time.Time
}

// Login exchanges a ticket and stores the grant, in place of an earlier one of
// that location. It is durable when it returns nil. Nothing is asked of the
// service unless the file can be written. If the service names another location
// than the ticket, the grant is stored under the service's.
func (c *Credentials) Login(ctx context.Context, app App, t Ticket) (Issued, error) {
	use := ticket{kind: "refresh_token", text: t.Refresh}
	if t.Code != (Token{}) {
		use = ticket{kind: "authorization_code", text: t.Code, redirect: t.Redirect}
	}
	var got Issued
	err := c.locked(ctx, func() error {
		if err := c.put("", grant{}); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), exchangeTime)
		defer cancel()
		g, location, err := app.exchange(ctx, use)
		if told := (*Error)(nil); errors.As(err, &told) {
			if told.advice == adviceGrant {
				told.advice = "each code and each refresh token is good for one exchange, and a code only for some minutes: have the app authorized again"
			} else if told.unknown {
				told.advice = "what was given may be used up: if the same command now answers invalid_grant, have the app authorized again"
			}
		}
		if err != nil {
			return err
		}
		if location == "" {
			location = t.Location
		}
		if location == "" {
			return refusedHere("storing the grant", errors.New("the service names no location"), adviceAuth+"; if it is one of a sub-account, name it with --location")
		}
		got = Issued{Location: location, Expires: g.expires}
		if err := c.keep(ctx, location, g); err != nil {
			return err
		}
		got.Scopes, err = c.Scopes(location)
		return err
	})
	return got, err
}

// keep stores a grant that exists nowhere else, and tries for a while.
func (c *Credentials) keep(ctx context.Context, location string, g grant) error {
	for {
		err := c.put(location, g)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return &Error{Class: importer.Refused, transport: err, Message: err.Error(),
				advice: fmt.Sprintf("the code is used up and the grant of location %s is lost: make room, have the app authorized again and run relink login again", location)}
		case <-time.After(time.Second):
		}
	}
}
