package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// ahead is how many jobs a tuned River may fetch beyond those in flight. Without
// it River asks the database for a few jobs at a time.
const ahead = 1_000

// Kind names the job of a row.
func (row) Kind() string { return "row" }

// A poster makes the call of a job.
type poster struct {
	river.WorkerDefaults[row]
	client *http.Client
	url    string
	slots  chan struct{}
	left   atomic.Int64
	done   chan struct{}
}

// Work makes one call.
func (p *poster) Work(_ context.Context, job *river.Job[row]) error {
	p.slots <- struct{}{}
	err := create(p.client, p.url, job.Args)
	<-p.slots
	if err == nil && p.left.Add(-1) == 0 {
		close(p.done)
	}
	return err
}

// work is a small importer on River as its documents have it: as many workers as
// calls in flight.
func work(url string, n int, dsn string) (float64, error) { return workOff(url, n, dsn, inFlight) }

// workAhead lets River fetch many jobs at once.
func workAhead(url string, n int, dsn string) (float64, error) {
	return workOff(url, n, dsn, inFlight+ahead)
}

// workOff inserts the rows as jobs and works them off. The time is that of the
// work, until the last job is completed on the disk.
func workOff(url string, n int, dsn string, maxWorkers int) (float64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	pool, err := pgxpool.New(ctx, dsn+" pool_max_conns=8")
	if err != nil {
		return 0, err
	}
	defer pool.Close()
	driver := riverpgxv5.New(pool)
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return 0, err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return 0, fmt.Errorf("making River's tables: %w", err)
	}
	p := &poster{client: newClient(), url: url, slots: make(chan struct{}, inFlight), done: make(chan struct{})}
	p.left.Store(int64(n))
	workers := river.NewWorkers()
	river.AddWorker(workers, p)
	client, err := river.NewClient(driver, &river.Config{
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: maxWorkers}},
		Workers:           workers,
		FetchCooldown:     river.FetchCooldownMin,
		FetchPollInterval: 10 * time.Millisecond,
		Logger:            slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return 0, err
	}
	jobs := make([]river.InsertManyParams, n)
	for i := range jobs {
		jobs[i].Args = rowAt(i)
	}
	if _, err := client.InsertManyFast(ctx, jobs); err != nil {
		return 0, fmt.Errorf("inserting jobs: %w", err)
	}

	began := time.Now()
	if err := client.Start(ctx); err != nil {
		return 0, err
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		return 0, fmt.Errorf("%d jobs are left: %w", p.left.Load(), ctx.Err())
	}
	if err := client.Stop(ctx); err != nil { // waits until what is done is written
		return 0, err
	}
	seconds := time.Since(began).Seconds()
	var completed int
	if err := pool.QueryRow(ctx, `SELECT count(*) FROM river_job WHERE state = 'completed'`).Scan(&completed); err != nil {
		return 0, err
	}
	if completed != n {
		return 0, fmt.Errorf("%d of %d jobs are completed", completed, n)
	}
	return seconds, nil
}
