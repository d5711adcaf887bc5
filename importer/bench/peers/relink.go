package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/jackc/pgx/v5"
)

// relink loads the rows in one run and drains them in another, whose own record
// tells how long that took.
var relink = contender{name: "relink", durable: "yes", calls: runRelink}

func runRelink(p *place, url string, n int) (seconds, peak float64, err error) {
	dsn, drop, err := p.server.database()
	if err != nil {
		return 0, 0, err
	}
	defer drop()
	file := filepath.Join(p.dir, "rows.csv")
	if err := writeRows(file, n); err != nil {
		return 0, 0, err
	}
	run := func(more ...string) (float64, error) {
		args := append([]string{"import", file, "--rate", "0", "--daily-limit", "1000000000", "--quiet"}, more...)
		_, peak, err := watched(p.command([]string{"RELINK_DATABASE_URL=" + dsn, "RELINK_API_URL=" + url}, args...))
		return peak, err
	}
	exit := (*exec.ExitError)(nil)
	if _, err := run("--max-duration", "1ns"); !errors.As(err, &exit) || exit.ExitCode() != 4 {
		return 0, 0, fmt.Errorf("loading ended with %v, want exit code 4", err)
	}
	if peak, err = run(); err != nil {
		return 0, 0, err
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, dsn+" search_path=relink")
	if err != nil {
		return 0, 0, err
	}
	defer conn.Close(ctx)
	var left int
	err = conn.QueryRow(ctx, `
		SELECT extract(epoch FROM ended_at - started_at)::float8, (SELECT count(*) FROM relation WHERE state <> 'created')
		FROM run ORDER BY id DESC LIMIT 1`).Scan(&seconds, &left)
	if err == nil && left != 0 {
		err = fmt.Errorf("%d rows are not created", left)
	}
	return seconds, peak, err
}

func writeRows(name string, n int) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(file)
	fmt.Fprintln(w, "locationId,associationId,firstRecordId,secondRecordId")
	for i := range n {
		r := rowAt(i)
		fmt.Fprintf(w, "%s,%s,%s,%s\n", r.Location, r.Association, r.First, r.Second)
	}
	return errors.Join(w.Flush(), file.Close())
}
