//go:build !(darwin || freebsd || linux)

package local

import (
	"context"
	"errors"
	"runtime"
)

var errUnsupported = errors.New("relink cannot run a private Postgres on " + runtime.GOOS + ": name a database with --database-url")

// A Server is a private Postgres; there is none on this system.
type Server struct{}

// Start always fails here: a database has to be named.
func Start(ctx context.Context, dir string) (*Server, error) { return nil, errUnsupported }

// DSN returns nothing.
func (s *Server) DSN() string { return "" }

// Close does nothing.
func (s *Server) Close() error { return nil }

// Binaries always fails here: a database has to be named.
func Binaries() (dir string, err error) { return "", errUnsupported }
