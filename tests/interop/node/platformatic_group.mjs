// platformatic's client: groups of both protocols, commits, and its admin.
import { Admin, Consumer, MessagesStreamModes, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka'

const bootstrapBrokers = [process.argv[2]]
const patience = 25_000
const topic = 'platformatic'
const group = name => `platformatic-${name}`
const text = (_, value) => typeof value === 'bigint' ? value.toString() : value instanceof Map ? [...value] : value
const say = (name, seen) => console.log(`${name}: ${JSON.stringify(seen, text)}`)

async function step (name, action) {
  try {
    say(name, (await action()) ?? 'done')
  } catch (refused) {
    let inner = refused
    while (inner.errors?.length) inner = inner.errors[0]
    say(name, inner.apiId ?? inner.code)
  }
}

async function until (what, holds) {
  const deadline = Date.now() + patience
  while (!await holds()) {
    if (Date.now() > deadline) {
      console.error(`in vain: ${what}`)
      process.exit(1)
    }
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

async function producing () {
  const producer = new Producer({ clientId: 'platformatic', bootstrapBrokers, serializers: stringSerializers, idempotent: true })
  const messages = Array.from({ length: 600 }, (_, i) => ({ topic, partition: i % 6, key: `k${i}`, value: `v${i}`, headers: { n: `${i}` } }))
  const sent = await producer.send({ messages, acks: -1 })
  say('sent', sent.offsets.map(o => [o.partition, o.offset]).sort((a, b) => a[0] - b[0]))
  await producer.close()
  const own = new Producer({ clientId: 'platformatic', bootstrapBrokers, serializers: stringSerializers,
    partitioner: message => message.key === 'gold' ? 5 : 0 })
  const placed = await own.send({ messages: ['gold', 'tin', 'gold'].map(key => ({ topic, key, value: `own ${key}` })) })
  say('own partitioner', placed.offsets.map(o => o.partition).sort())
  await own.close()
}

async function member (groupId, more) {
  const consumer = new Consumer({ clientId: 'platformatic', groupId, bootstrapBrokers, deserializers: stringDeserializers, ...more })
  const stream = await consumer.consume({ topics: [topic], mode: MessagesStreamModes.COMMITTED, fallbackMode: 'earliest', autocommit: 200,
    maxWaitTime: 200, ...(more.groupProtocol ? {} : more) })
  const me = { consumer, stream, values: [], count: () => (consumer.assignments ?? []).reduce((sum, a) => sum + a.partitions.length, 0) }
  stream.on('data', message => me.values.push(`${message.partition}/${message.offset}`))
  me.stop = async () => {
    await stream.close()
    await consumer.close()
  }
  return me
}

async function groups (protocol, more) {
  const name = group(protocol)
  const first = await member(name, more)
  const second = await member(name, more)
  const other = await member(`${name}-other`, more)
  const both = () => new Set([...first.values, ...second.values]).size
  await until('three each', () => first.count() === 3 && second.count() === 3)
  await until('all', () => both() === 603 && new Set(other.values).size === 603)
  await second.stop()
  await until('all partitions', () => first.count() === 6)
  say(protocol, [both(), other.values.length])
  await first.stop()
  await other.stop()
}

async function commits () {
  const consumer = new Consumer({ clientId: 'platformatic', groupId: group('commits'), bootstrapBrokers, deserializers: stringDeserializers })
  await consumer.joinGroup({ sessionTimeout: 10_000, heartbeatInterval: 250 })
  await consumer.commit({ offsets: [{ topic, partition: 1, offset: 7n, leaderEpoch: 0 }] })
  say('committed', await consumer.listCommittedOffsets({ topics: [{ topic, partitions: [0, 1] }] }))
  say('offsets', await consumer.listOffsets({ topics: [topic], timestamp: -1n }))
  await consumer.leaveGroup()
  await consumer.close()
}

const admin = new Admin({ clientId: 'platformatic', bootstrapBrokers })
await step('create', async () => (await admin.createTopics({ topics: [topic], partitions: 4, replicas: 1 })).map(t => [t.name, t.partitions]))
await step('create again', () => admin.createTopics({ topics: [topic], partitions: 4, replicas: 1 }))
await step('more partitions', () => admin.createPartitions({ topics: [{ name: topic, count: 6, assignments: null }] }))
// A controller answers before the broker has seen the change.
await until('six partitions', async () => (await admin.metadata({ topics: [topic], forceUpdate: true })).topics.get(topic).partitionsCount === 6)
await producing()
await groups('classic', { sessionTimeout: 10_000, heartbeatInterval: 250 })
await groups('consumer', { groupProtocol: 'consumer' })
await commits()
await step('list', async () => [...(await admin.listGroups()).values()].filter(g => g.id.startsWith('platformatic')).map(g => [g.id, g.state])
  .sort())
await step('describe', async () => [...(await admin.describeGroups({ groups: [group('commits')] })).values()].map(g => [g.id, g.state, g.protocolType]))
await step('offsets', async () => (await admin.listConsumerGroupOffsets({ groups: [group('commits')] })).map(g => g.topics))
await step('delete groups', () => admin.deleteGroups({ groups: [group('commits')] }))
await step('delete again', () => admin.deleteGroups({ groups: [group('commits')] }))
await step('delete', () => admin.deleteTopics({ topics: [topic] }))
await admin.close()
