package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"relink/checkpoint/local"
)

// A server is a private Postgres as relink itself would start one, with its
// default durability, for all who keep a journal.
type server struct {
	*local.Server
	made int
}

func startServer(dir string) (*server, error) {
	running, err := local.Start(context.Background(), filepath.Join(dir, "state"))
	if err != nil {
		return nil, err
	}
	return &server{Server: running}, nil
}

// database makes an empty one, and tells how to drop it.
func (s *server) database() (dsn string, drop func(), err error) {
	s.made++
	name := fmt.Sprintf("peers_%d", s.made)
	if err := s.exec("CREATE DATABASE " + name); err != nil {
		return "", nil, err
	}
	return s.DSN() + " dbname=" + name, func() { _ = s.exec("DROP DATABASE " + name + " WITH (FORCE)") }, nil
}

func (s *server) exec(sql string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.DSN())
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}
