// sarama: sync and async producers, a partitioner of one's own, groups with each balance strategy, its offset manager and its admin.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sort"
	"sync"
	"time"

	"github.com/IBM/sarama"

	"moldau.interop/walk"
)

const topic = "sarama"

var brokers []string

func settings() *sarama.Config {
	c := sarama.NewConfig()
	c.Version = sarama.V4_0_0_0
	c.ClientID = "walk"
	c.Producer.Return.Successes = true
	c.Consumer.Offsets.Initial = sarama.OffsetOldest
	c.Consumer.Group.Session.Timeout = 10 * time.Second
	c.Consumer.Group.Heartbeat.Interval = 250 * time.Millisecond
	c.Consumer.Offsets.AutoCommit.Interval = 100 * time.Millisecond
	return c
}

// say prints what a step gave, or the broker's error.
func say(name string, seen any, problem error) {
	var code sarama.KError
	var of *sarama.TopicError
	switch {
	case problem == nil:
		fmt.Printf("%s: %v\n", name, seen)
	case errors.As(problem, &of):
		fmt.Printf("%s: error %d\n", name, int16(of.Err))
	case errors.As(problem, &code):
		fmt.Printf("%s: error %d\n", name, int16(code))
	default:
		fmt.Printf("%s: %v\n", name, problem)
	}
}

func topics(admin sarama.ClusterAdmin) {
	kept := "700000"
	detail := &sarama.TopicDetail{NumPartitions: 4, ReplicationFactor: 1, ConfigEntries: map[string]*string{"retention.ms": &kept}}
	say("create", "done", admin.CreateTopic(topic, detail, false))
	say("create again", "done", admin.CreateTopic(topic, detail, false))
	say("more partitions", "done", admin.CreatePartitions(topic, 6, nil, false))
	var described []*sarama.TopicMetadata
	var problem error
	walk.Until("six partitions", func() bool { // a controller answers before the broker has seen the change
		described, problem = admin.DescribeTopics([]string{topic})
		return problem == nil && len(described) == 1 && len(described[0].Partitions) == 6
	})
	say("describe", len(described[0].Partitions), problem)
	ask := sarama.ConfigResource{Type: sarama.TopicResource, Name: topic, ConfigNames: []string{"retention.ms"}}
	entries, problem := admin.DescribeConfig(ask)
	say("config", fmt.Sprint(entries[0].Name, "=", entries[0].Value, " default=", entries[0].Default), problem)
	_, controller, problem := admin.DescribeCluster()
	say("controller", controller, problem)
}

// vip puts one customer's messages on the last partition and all others on the rest.
type vip struct{ next int32 }

func (p *vip) Partition(m *sarama.ProducerMessage, count int32) (int32, error) {
	if key, _ := m.Key.Encode(); string(key) == "gold" {
		return count - 1, nil
	}
	p.next = (p.next + 1) % (count - 1)
	return p.next, nil
}

func (p *vip) RequiresConsistency() bool { return true }

func producing() {
	c := settings()
	c.Producer.Partitioner = func(string) sarama.Partitioner { return &vip{} }
	sync_ := walk.Must(sarama.NewSyncProducer(brokers, c))
	placed := map[int32]int{}
	for i := 0; i < 30; i++ {
		key := "tin"
		if i%3 == 0 {
			key = "gold"
		}
		m := &sarama.ProducerMessage{Topic: topic, Key: sarama.StringEncoder(key), Value: sarama.StringEncoder(fmt.Sprint("sync ", i))}
		placed[walk.Must(partitionOf(sync_, m))]++
	}
	say("sync producer, own partitioner", placed, nil)
	_, _, problem := sync_.SendMessage(&sarama.ProducerMessage{Topic: "bad name", Value: sarama.StringEncoder("x")})
	say("sync producer, bad name", "sent", problem)
	_ = sync_.Close()

	c = settings()
	c.Producer.Idempotent = true
	c.Net.MaxOpenRequests = 1
	c.Producer.RequiredAcks = sarama.WaitForAll
	c.Producer.Compression = sarama.CompressionZSTD
	c.Producer.Partitioner = sarama.NewManualPartitioner
	async := walk.Must(sarama.NewAsyncProducer(brokers, c))
	go func() {
		for i := 0; i < 570; i++ {
			async.Input() <- &sarama.ProducerMessage{Topic: topic, Partition: int32(i % 6), Key: sarama.StringEncoder(fmt.Sprint(i)),
				Value:   sarama.StringEncoder(fmt.Sprint("async ", i)),
				Headers: []sarama.RecordHeader{{Key: []byte("n"), Value: []byte(fmt.Sprint(i))}}}
		}
		async.AsyncClose()
	}()
	good, bad := 0, 0
	var both sync.WaitGroup
	both.Add(2)
	go func() {
		for range async.Successes() {
			good++
		}
		both.Done()
	}()
	go func() {
		for range async.Errors() {
			bad++
		}
		both.Done()
	}()
	both.Wait()
	say("async producer", fmt.Sprint(good, " good, ", bad, " bad"), nil)
}

func partitionOf(p sarama.SyncProducer, m *sarama.ProducerMessage) (int32, error) {
	partition, _, problem := p.SendMessage(m)
	return partition, problem
}

// member is one consumer of a group; sarama calls it at each generation.
type member struct {
	group    sarama.ConsumerGroup
	mutex    sync.Mutex
	claims   int
	values   map[string]bool
	stop     context.CancelFunc
	finished chan struct{}
}

func (m *member) Setup(s sarama.ConsumerGroupSession) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.claims = len(s.Claims()[topic])
	return nil
}

func (m *member) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (m *member) ConsumeClaim(s sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for {
		select {
		case message, open := <-claim.Messages():
			if !open {
				return nil
			}
			m.mutex.Lock()
			m.values[string(message.Value)] = true
			m.mutex.Unlock()
			s.MarkMessage(message, "")
		case <-s.Context().Done():
			return nil
		}
	}
}

func (m *member) seen(into map[string]bool) int {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for value := range m.values {
		into[value] = true
	}
	return m.claims
}

func join(name string, strategy sarama.BalanceStrategy, instance string) *member {
	c := settings()
	c.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{strategy}
	c.Consumer.Group.InstanceId = instance
	ctx, stop := context.WithCancel(context.Background())
	m := &member{group: walk.Must(sarama.NewConsumerGroup(brokers, name, c)), values: map[string]bool{}, stop: stop, finished: make(chan struct{})}
	go func() {
		defer close(m.finished)
		for ctx.Err() == nil {
			if problem := m.group.Consume(ctx, []string{topic}, m); problem != nil && ctx.Err() == nil {
				fmt.Fprintln(os.Stderr, problem)
			}
		}
	}()
	return m
}

func (m *member) leave() {
	m.stop()
	<-m.finished
	_ = m.group.Close()
}

func groups() {
	strategies := []sarama.BalanceStrategy{sarama.NewBalanceStrategyRange(), sarama.NewBalanceStrategyRoundRobin(), sarama.NewBalanceStrategySticky()}
	for _, strategy := range strategies {
		name := "sarama " + strategy.Name()
		first, second, other := join(name, strategy, ""), join(name, strategy, ""), join(name+" other", strategy, "")
		none := map[string]bool{}
		walk.Until("three each", func() bool { return first.seen(none) == 3 && second.seen(none) == 3 })
		ours, theirs := map[string]bool{}, map[string]bool{}
		walk.Until("all", func() bool {
			first.seen(ours)
			second.seen(ours)
			other.seen(theirs)
			return len(ours) == 600 && len(theirs) == 600
		})
		second.leave()
		walk.Until("all partitions", func() bool { return first.seen(none) == 6 })
		say(strategy.Name(), fmt.Sprint(len(ours), " and ", len(theirs)), nil)
		first.leave()
		other.leave()
	}
	static := join("sarama static", strategies[0], "one")
	walk.Until("all partitions", func() bool { return static.seen(map[string]bool{}) == 6 })
	static.leave()
	again := join("sarama static", strategies[0], "one")
	walk.Until("all partitions again", func() bool { return again.seen(map[string]bool{}) == 6 })
	say("static member", "took its six up again", nil)
	again.leave()
}

func offsets(client sarama.Client) {
	consumer := walk.Must(sarama.NewConsumerFromClient(client))
	partition := walk.Must(consumer.ConsumePartition(topic, 0, sarama.OffsetOldest))
	say("partition consumer", (<-partition.Messages()).Offset, nil)
	_ = partition.Close()
	_, problem := consumer.ConsumePartition(topic, 0, 1<<40)
	say("beyond the end", "consumes", problem)
	manager := walk.Must(sarama.NewOffsetManagerFromClient("sarama offsets", client))
	own := walk.Must(manager.ManagePartition(topic, 0))
	own.MarkOffset(11, "a note")
	manager.Commit()
	_ = own.Close()
	_ = manager.Close()
	newest, problem := client.GetOffset(topic, 0, sarama.OffsetNewest)
	say("newest is there", newest > 90, problem)
}

func groupWalk(admin sarama.ClusterAdmin) {
	listed, problem := admin.ListConsumerGroups()
	names := []string{}
	for name := range listed {
		if len(name) > 6 && name[:6] == "sarama" {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	say("list", names, problem)
	described, problem := admin.DescribeConsumerGroups([]string{"sarama range", "sarama none"})
	sort.Slice(described, func(i, j int) bool { return described[i].GroupId < described[j].GroupId })
	for _, g := range described {
		say("describe", fmt.Sprint(g.GroupId, " ", g.State, " ", g.ProtocolType, " ", len(g.Members), " ", int16(g.Err)), problem)
	}
	held, problem := admin.ListConsumerGroupOffsets("sarama offsets", map[string][]int32{topic: {0}})
	block := held.GetBlock(topic, 0)
	say("offsets", fmt.Sprint(block.Offset, " ", block.Metadata), problem)
	say("delete offset", "done", admin.DeleteConsumerGroupOffset("sarama offsets", topic, 0))
	say("delete group", "done", admin.DeleteConsumerGroup("sarama range"))
	say("delete group again", "done", admin.DeleteConsumerGroup("sarama range"))
	say("delete topic", "done", admin.DeleteTopic(topic))
	walk.Until("the deletion", func() bool {
		left, problem := admin.DescribeTopics([]string{topic})
		return problem == nil && (len(left) == 0 || left[0].Err == sarama.ErrUnknownTopicOrPartition)
	})
	say("delete topic again", "done", admin.DeleteTopic(topic))
}

func main() {
	brokers = os.Args[1:2]
	client := walk.Must(sarama.NewClient(brokers, settings()))
	admin := walk.Must(sarama.NewClusterAdminFromClient(client))
	topics(admin)
	producing()
	groups()
	offsets(client)
	groupWalk(admin)
	_ = admin.Close()
}
