package leadconnector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	maxCredentials     = 64 << 20 // bytes
	credentialsVersion = 1
)

// Credentials is a file of grants: an access and a refresh token for each
// location of each service. Use OpenCredentials. Its law stands in doc.go.
type Credentials struct {
	path    string
	service string // the base URL: a rehearsal must not spend a live grant
	disk    disk
}

// stored is the file: JSON, of one owner.
type stored struct {
	Version  int                               `json:"version"`
	Services map[string]map[string]storedGrant `json:"services"` // by base URL, then by location
}

// storedGrant is the one place where tokens are text, besides the wire.
type storedGrant struct {
	Access   string    `json:"access_token"`
	Refresh  string    `json:"refresh_token"`
	Scope    string    `json:"scope,omitempty"`
	Obtained time.Time `json:"obtained"`
	Expires  time.Time `json:"expires"`
	Renewing time.Time `json:"renewing,omitzero"`
}

// OpenCredentials reads the file of grants for the service with this base URL. A
// file that is not there holds none. Like OpenTokenFile it refuses a file that
// others may read; its errors never repeat what stands in it.
func OpenCredentials(path, service string) (*Credentials, error) {
	// A link stays one: what it points to is replaced.
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	c := &Credentials{path: path, service: service, disk: realDisk}
	_, err := c.read()
	return c, err
}

// Locations lists the locations that have a grant, sorted.
func (c *Credentials) Locations() ([]string, error) {
	all, err := c.read()
	return slices.Sorted(maps.Keys(all.Services[c.service])), err
}

// Scopes are what a location's grant is for, as the service said; none if it
// did not say, or there is no grant.
func (c *Credentials) Scopes(location string) ([]string, error) {
	all, err := c.read()
	return strings.Fields(all.Services[c.service][location].Scope), err
}

// Path is where the file is.
func (c *Credentials) Path() string { return c.path }

func (c *Credentials) read() (stored, error) { return readStored(c.path) }

func readStored(path string) (stored, error) {
	text, err := readSecret(path, maxCredentials)
	if errors.Is(err, fs.ErrNotExist) {
		return stored{Version: credentialsVersion}, nil
	}
	if err != nil {
		return stored{}, fmt.Errorf("reading the credentials file: %w", err)
	}
	var all stored
	if json.Unmarshal([]byte(text), &all) != nil { // whose error may repeat a value
		return stored{}, fmt.Errorf("reading the credentials file: %s is not what relink login writes: restore it, or move it away and run relink login again", path)
	}
	if all.Version != credentialsVersion {
		return stored{}, fmt.Errorf("reading the credentials file: %s has version %d, and this relink knows version %d", path, all.Version, credentialsVersion)
	}
	return all, nil
}

// get is a location's grant as the file has it now; it wraps ErrNoToken.
func (c *Credentials) get(location string) (grant, error) {
	all, err := c.read()
	if err != nil {
		return grant{}, err
	}
	return c.pick(all, location)
}

// left is a location's grant in a file that a crash kept from its place. It is
// whole if it can be read at all: what follows a cut is no JSON.
func (c *Credentials) left(location string) (grant, bool) {
	all, err := readStored(c.path + newSuffix)
	if err != nil {
		return grant{}, false
	}
	g, err := c.pick(all, location)
	return g, err == nil
}

func (c *Credentials) pick(all stored, location string) (grant, error) {
	s, ok := all.Services[c.service][location]
	if !ok {
		return grant{}, fmt.Errorf("looking up location %s in %s: %w", location, c.path, ErrNoToken)
	}
	access, err := NewToken(s.Access)
	if err != nil {
		return grant{}, fmt.Errorf("reading the access token of location %s in %s: %w", location, c.path, err)
	}
	refresh, err := NewToken(s.Refresh)
	if err != nil {
		return grant{}, fmt.Errorf("reading the refresh token of location %s in %s: %w", location, c.path, err)
	}
	return grant{access: access, refresh: refresh, scope: s.Scope,
		obtained: s.Obtained, expires: s.Expires, renewing: s.Renewing}, nil
}

// put stores a location's grant; without a location it only shows that the file
// can be written. Durable when it returns nil. The lock must be held.
func (c *Credentials) put(location string, g grant) error {
	all, err := c.read()
	if err != nil {
		return err
	}
	if location != "" {
		if all.Services == nil {
			all.Services = map[string]map[string]storedGrant{}
		}
		if all.Services[c.service] == nil {
			all.Services[c.service] = map[string]storedGrant{}
		}
		all.Services[c.service][location] = storedGrant{
			Access: g.access.reveal(), Refresh: g.refresh.reveal(), Scope: g.scope,
			Obtained: g.obtained.UTC(), Expires: g.expires.UTC(), Renewing: g.renewing.UTC(),
		}
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the credentials file: %w", err)
	}
	if err := c.disk.replace(c.path, append(text, '\n')); err != nil {
		return fmt.Errorf("writing the credentials file: %w", err)
	}
	return nil
}

// locked does something while no other lane and no other process does. It waits
// until ctx ends.
func (c *Credentials) locked(ctx context.Context, do func() error) error {
	if err := os.MkdirAll(filepath.Dir(c.path), 0o700); err != nil {
		return fmt.Errorf("locking the credentials file: %w", err)
	}
	for {
		lock, ok, err := tryLock(c.path + ".lock")
		if err != nil {
			return fmt.Errorf("locking the credentials file: %w", err)
		}
		if ok {
			defer func() { _ = lock.Close() }()
			return do()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("locking the credentials file, which another relink is renewing: %w", ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}
