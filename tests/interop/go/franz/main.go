// franz-go: a producer with promises, groups with each balancer, commits, and its admin.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sort"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"moldau.interop/walk"
)

const topic = "franz"

var (
	broker string
	all    = context.Background()
)

func say(name string, seen any, problem error) {
	var refused *kerr.Error
	switch {
	case problem == nil:
		fmt.Printf("%s: %v\n", name, seen)
	case errors.As(problem, &refused):
		fmt.Printf("%s: %s\n", name, refused.Message)
	default:
		fmt.Printf("%s: %v\n", name, problem)
	}
}

func client(options ...kgo.Opt) *kgo.Client {
	return walk.Must(kgo.NewClient(append(options, kgo.SeedBrokers(broker))...))
}

func producing() {
	c := client(kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerBatchCompression(kgo.Lz4Compression()))
	defer c.Close()
	var done sync.WaitGroup
	var mutex sync.Mutex
	bad, last := 0, int64(0)
	for i := 0; i < 600; i++ {
		done.Add(1)
		r := &kgo.Record{Topic: topic, Partition: int32(i % 6), Key: []byte(fmt.Sprint(i)), Value: []byte(fmt.Sprint("v", i)),
			Headers: []kgo.RecordHeader{{Key: "n", Value: []byte("1")}}}
		c.Produce(all, r, func(r *kgo.Record, problem error) {
			mutex.Lock()
			defer mutex.Unlock()
			if problem != nil {
				bad++
			}
			last = max(last, r.Offset)
			done.Done()
		})
	}
	done.Wait()
	say("promises", fmt.Sprint(bad, " bad, last offset ", last), nil)
	keyed := client(kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)))
	defer keyed.Close()
	r, problem := keyed.ProduceSync(all, &kgo.Record{Topic: topic, Key: []byte("gold"), Value: []byte("by key")}).First()
	say("by key", r.Partition, problem)
	_, problem = keyed.ProduceSync(all, &kgo.Record{Topic: "franz bad", Value: []byte("x")}).First()
	say("a bad name", "sent", problem)
}

type member struct {
	client     *kgo.Client
	mutex      sync.Mutex
	partitions map[int32]bool
	values     map[string]bool
	finished   chan struct{}
}

func join(group string, more ...kgo.Opt) *member {
	m := &member{partitions: map[int32]bool{}, values: map[string]bool{}, finished: make(chan struct{})}
	note := func(has bool) func(context.Context, *kgo.Client, map[string][]int32) {
		return func(_ context.Context, _ *kgo.Client, which map[string][]int32) {
			m.mutex.Lock()
			defer m.mutex.Unlock()
			for _, p := range which[topic] {
				if has {
					m.partitions[p] = true
				} else {
					delete(m.partitions, p)
				}
			}
		}
	}
	m.client = client(append(more, kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.HeartbeatInterval(250*time.Millisecond),
		kgo.SessionTimeout(10*time.Second), kgo.OnPartitionsAssigned(note(true)), kgo.OnPartitionsRevoked(note(false)),
		kgo.OnPartitionsLost(note(false)), kgo.AutoCommitInterval(100*time.Millisecond),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	go func() {
		defer close(m.finished)
		for {
			got := m.client.PollFetches(all)
			if got.IsClientClosed() {
				return
			}
			m.mutex.Lock()
			got.EachRecord(func(r *kgo.Record) { m.values[string(r.Value)] = true })
			m.mutex.Unlock()
		}
	}()
	return m
}

func (m *member) seen(into map[string]bool) int {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for value := range m.values {
		into[value] = true
	}
	return len(m.partitions)
}

func (m *member) leave() {
	m.client.Close()
	<-m.finished
}

func groups(admin *kadm.Client) {
	for _, b := range []kgo.GroupBalancer{kgo.RangeBalancer(), kgo.RoundRobinBalancer(), kgo.StickyBalancer(), kgo.CooperativeStickyBalancer()} {
		name := "franz " + b.ProtocolName()
		with := kgo.Balancers(b)
		first, second, other := join(name, with), join(name, with), join(name+" other", with)
		none := map[string]bool{}
		walk.Until("three each", func() bool { return first.seen(none) == 3 && second.seen(none) == 3 })
		ours, theirs := map[string]bool{}, map[string]bool{}
		walk.Until("all", func() bool {
			first.seen(ours)
			second.seen(ours)
			other.seen(theirs)
			return len(ours) == 601 && len(theirs) == 601
		})
		second.leave()
		walk.Until("all partitions", func() bool { return first.seen(none) == 6 })
		say(b.ProtocolName(), fmt.Sprint(len(ours), " and ", len(theirs)), nil)
		// What a member had not committed when it lost its partitions is read again by the next.
		walk.Until("all committed", func() bool {
			lags, problem := admin.Lag(all, name)
			return problem == nil && len(lags[name].Lag[topic]) == 6 && lags[name].Lag.Total() == 0
		})
		first.leave()
		other.leave()
	}
	static := join("franz static", kgo.InstanceID("one"))
	walk.Until("all partitions", func() bool { return static.seen(map[string]bool{}) == 6 })
	static.leave()
	again := join("franz static", kgo.InstanceID("one"))
	walk.Until("all partitions again", func() bool { return again.seen(map[string]bool{}) == 6 })
	say("static member", "took its six up again", nil)
	again.leave()
}

func topics(admin *kadm.Client) {
	kept := "700000"
	made, problem := admin.CreateTopic(all, 4, 1, map[string]*string{"retention.ms": &kept}, topic)
	say("create", fmt.Sprint(made.NumPartitions, " ", made.ReplicationFactor), problem)
	_, problem = admin.CreateTopic(all, 4, 1, nil, topic)
	say("create again", "done", problem)
	more, problem := admin.UpdatePartitions(all, 6, topic)
	say("more partitions", more[topic].Err, problem)
	walk.Until("six partitions", func() bool { // a controller answers before the broker has seen the change
		seen, problem := admin.ListTopics(all, topic)
		return problem == nil && len(seen[topic].Partitions) == 6
	})
	configs, problem := admin.DescribeTopicConfigs(all, topic)
	for _, c := range configs[0].Configs {
		if c.Key == "retention.ms" {
			say("config", *c.Value, problem)
		}
	}
	features, problem := admin.ApiVersions(all)
	say("brokers", len(features), problem)
}

func groupWalk(admin *kadm.Client) {
	ends, problem := admin.ListEndOffsets(all, topic)
	total := int64(0)
	ends.Each(func(o kadm.ListedOffset) { total += o.Offset })
	say("end offsets", total, problem)
	committed := kadm.Offsets{}
	committed.AddOffset(topic, 0, 17, 0)
	_, problem = admin.CommitOffsets(all, "franz commits", committed)
	say("commit", "done", problem)
	fetched, problem := admin.FetchOffsets(all, "franz commits")
	at, _ := fetched.Lookup(topic, 0)
	say("fetch", fmt.Sprint(at.At, " ", at.LeaderEpoch), problem)
	lags, problem := admin.Lag(all, "franz range")
	say("lag", lags["franz range"].Lag.Total(), problem)
	listed, problem := admin.ListGroups(all)
	names := []string{}
	for _, name := range listed.Groups() {
		if len(name) > 5 && name[:5] == "franz" {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	say("list", names, problem)
	described, problem := admin.DescribeGroups(all, "franz range", "franz none")
	for _, g := range described.Sorted() {
		say("describe", fmt.Sprint(g.Group, " ", g.State, " ", g.ProtocolType, " ", len(g.Members), " ", g.Err), problem)
	}
	gone, problem := admin.DeleteGroup(all, "franz commits")
	say("delete group", gone.Group, problem)
	_, problem = admin.DeleteGroup(all, "franz commits")
	say("delete group again", "done", problem)
	_, problem = admin.DeleteTopic(all, topic)
	say("delete topic", "done", problem)
	walk.Until("the deletion", func() bool {
		seen, problem := admin.ListTopics(all)
		return problem == nil && !seen.Has(topic)
	})
	_, problem = admin.DeleteTopic(all, topic)
	say("delete topic again", "done", problem)
}

func main() {
	broker = os.Args[1]
	c := client()
	admin := kadm.NewClient(c)
	topics(admin)
	producing()
	groups(admin)
	groupWalk(admin)
	c.Close()
}
