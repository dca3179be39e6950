// franz-go: a transactional session in a group, with aborts, and a member that comes in between; each record must come out once.
package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	in      = "franz-txn-in"
	out     = "franz-txn-out"
	records = 1200
)

func must[T any](value T, problem error) T {
	if problem != nil {
		fmt.Fprintln(os.Stderr, problem)
		os.Exit(1)
	}
	return value
}

// work transforms until it is told to stop, and thinks better of every fifth transaction.
func work(broker, id string, stop context.Context, done *sync.WaitGroup) {
	defer done.Done()
	session := must(kgo.NewGroupTransactSession(
		kgo.SeedBrokers(broker), kgo.TransactionalID(id), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumerGroup("franz-txn"),
		kgo.ConsumeTopics(in), kgo.RequireStableFetchOffsets(), kgo.HeartbeatInterval(250*time.Millisecond),
		kgo.SessionTimeout(10*time.Second), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.FetchMaxPartitionBytes(2000)))
	defer session.Close()
	for round := 1; stop.Err() == nil; round++ {
		got := session.PollRecords(stop, 40)
		if got.Empty() {
			continue
		}
		if problem := session.Begin(); problem != nil {
			fmt.Fprintln(os.Stderr, "begin:", problem)
			os.Exit(1)
		}
		got.EachRecord(func(r *kgo.Record) {
			session.Produce(context.Background(), &kgo.Record{Topic: out, Partition: r.Partition, Value: r.Value}, nil)
		})
		if _, problem := session.End(context.Background(), kgo.TransactionEndTry(round%5 != 0)); problem != nil {
			fmt.Fprintln(os.Stderr, "end:", problem)
			os.Exit(1)
		}
	}
}

func main() {
	broker := os.Args[1]
	client := must(kgo.NewClient(kgo.SeedBrokers(broker), kgo.RecordPartitioner(kgo.ManualPartitioner())))
	admin := kadm.NewClient(client)
	must(admin.CreateTopics(context.Background(), 3, 1, nil, in, out))
	for i := 0; i < records; i++ {
		client.Produce(context.Background(), &kgo.Record{Topic: in, Partition: int32(i % 3), Value: []byte(fmt.Sprint(i))}, nil)
	}
	must(0, client.Flush(context.Background()))

	all, stopAll := context.WithCancel(context.Background())
	some, stopSome := context.WithCancel(all)
	var done sync.WaitGroup
	done.Add(1)
	go work(broker, "franz-txn-1", all, &done)
	time.Sleep(300 * time.Millisecond)
	done.Add(1)
	go work(broker, "franz-txn-2", some, &done)
	go func() {
		time.Sleep(1200 * time.Millisecond)
		stopSome()
	}()

	reader := must(kgo.NewClient(kgo.SeedBrokers(broker), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeTopics(out),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart())))
	count, different := 0, map[string]bool{}
	quiet, deadline := time.Now(), time.Now().Add(40*time.Second)
	for len(different) < records || time.Since(quiet) < 500*time.Millisecond {
		if time.Now().After(deadline) {
			break
		}
		poll, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		reader.PollFetches(poll).EachRecord(func(r *kgo.Record) {
			count++
			different[string(r.Value)] = true
			quiet = time.Now()
		})
		cancel()
	}
	stopAll()
	done.Wait()
	committed := must(admin.FetchOffsets(context.Background(), "franz-txn"))
	total := int64(0)
	committed.Each(func(o kadm.OffsetResponse) { total += o.At })
	fmt.Printf("%d records, %d different, committed %d\n", count, len(different), total)
	reader.Close()
	client.Close()
}
