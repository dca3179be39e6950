// kafkajs 2.2.4: producer with its partitioners, consumer groups, commits and seeks, and its admin.
import kafkajs from 'kafkajs'

const { Kafka, logLevel, CompressionTypes, ConfigResourceTypes, Partitioners, PartitionAssigners } = kafkajs
const kafka = new Kafka({ clientId: 'kafkajs', brokers: [process.argv[2]], logLevel: logLevel.NOTHING, retry: { retries: 5, initialRetryTime: 50 } })
const patience = 25_000

const say = (name, seen) => console.log(`${name}: ${typeof seen === 'string' ? seen : JSON.stringify(seen)}`)

async function step (name, action) {
  try {
    say(name, (await action()) ?? 'done')
  } catch (refused) {
    say(name, refused.type ?? refused.name)
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

async function topics (admin) {
  await step('create', () => admin.createTopics({ waitForLeaders: false, topics: [{ topic: 'kjs', numPartitions: 4,
    replicationFactor: 1, configEntries: [{ name: 'retention.ms', value: '700000' }] }] }))
  await until('the topic', async () => (await admin.listTopics()).includes('kjs'))
  await step('create again', () => admin.createTopics({ topics: [{ topic: 'kjs', numPartitions: 4 }] }))
  await step('create with a bad value', () => admin.createTopics({ topics: [{ topic: 'kjs-x', numPartitions: -7 }] }))
  await step('more partitions', () => admin.createPartitions({ topicPartitions: [{ topic: 'kjs', count: 6 }] }))
  // A controller answers before the broker has seen the change.
  await until('six partitions', async () => (await admin.fetchTopicMetadata({ topics: ['kjs'] })).topics[0].partitions.length === 6)
  await step('metadata', async () => (await admin.fetchTopicMetadata({ topics: ['kjs'] })).topics[0].partitions
    .map(p => [p.partitionId, p.leader, p.isr.length]).sort((a, b) => a[0] - b[0]))
  await admin.createTopics({ waitForLeaders: false, topics: [{ topic: 'kjs-gone', numPartitions: 1 }] })
  await step('delete', () => admin.deleteTopics({ topics: ['kjs-gone'] }))
  await until('the deletion', async () => !(await admin.listTopics()).includes('kjs-gone'))
  await step('delete again', () => admin.deleteTopics({ topics: ['kjs-gone'] }))
  await step('list', async () => (await admin.listTopics()).filter(t => t.startsWith('kjs')).sort())
  await step('cluster', async () => {
    const c = await admin.describeCluster()
    return [c.clusterId, c.controller, c.brokers.length]
  })
  const resource = { type: ConfigResourceTypes.TOPIC, name: 'kjs' }
  const config = async () => (await admin.describeConfigs({ resources: [{ ...resource, configNames: ['retention.ms'] }] }))
    .resources[0].configEntries.map(e => [e.configName, e.configValue, e.isDefault])
  await step('config', config)
  await step('change it', () => admin.alterConfigs({ resources: [{ ...resource, configEntries: [{ name: 'retention.ms', value: '800000' }] }] }))
  await until('the change', async () => (await config())[0][1] === '800000')
  await step('config after', config)
  await step('a bad value', () => admin.alterConfigs({ resources: [{ ...resource, configEntries: [{ name: 'retention.ms', value: 'x' }] }] }))
}

async function producing () {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const placed = {}
  for (const m of await producer.send({ topic: 'kjs', messages: Array.from({ length: 300 }, (_, i) => ({ key: `k${i}`, value: `v${i}`,
    headers: { n: `${i}` } })), compression: CompressionTypes.GZIP })) placed[m.partition] = m.baseOffset
  say('by key', placed)
  await producer.disconnect()
  const own = kafka.producer({ createPartitioner: () => ({ message }) => message.key.toString() === 'gold' ? 5 : 0 })
  await own.connect()
  const answers = await own.sendBatch({ topicMessages: [{ topic: 'kjs', messages: Array.from({ length: 300 }, (_, i) => ({
    key: i % 3 ? 'tin' : 'gold', value: `w${i}` })) }], acks: -1 })
  say('own partitioner', answers.map(a => a.partition).sort())
  await step('acks 0', () => own.send({ topic: 'kjs', acks: 0, messages: [{ key: 'gold', value: 'no answer', partition: 1 }] }))
  await step('too large', () => own.send({ topic: 'kjs', messages: [{ key: 'gold', value: 'x'.repeat(3_000_000) }] }))
  await own.disconnect()
}

async function member (groupId, more = {}) {
  const consumer = kafka.consumer({ groupId, heartbeatInterval: 250, sessionTimeout: 10_000, maxWaitTimeInMs: 200, ...more })
  const me = { consumer, values: new Set(), partitions: [] }
  consumer.on(consumer.events.GROUP_JOIN, e => { me.partitions = e.payload.memberAssignment.kjs ?? [] })
  await consumer.connect()
  await consumer.subscribe({ topics: ['kjs'], fromBeginning: true })
  await consumer.run({ eachMessage: async ({ message }) => { me.values.add(message.value.toString()) } })
  return me
}

async function groups () {
  const [first, second, other] = await Promise.all([member('kjs-one'), member('kjs-one'), member('kjs-other', {
    partitionAssigners: [PartitionAssigners.roundRobin] })])
  const both = () => new Set([...first.values, ...second.values]).size
  await until('three each', () => first.partitions.length === 3 && second.partitions.length === 3)
  await until('all', () => both() === 601 && other.values.size === 601)
  await second.consumer.disconnect()
  await until('all partitions', () => first.partitions.length === 6)
  say('groups', `${both()} and ${other.values.size}`)
  await first.consumer.disconnect()
  await other.consumer.disconnect()
}

async function seeking () {
  const consumer = kafka.consumer({ groupId: 'kjs-seek', heartbeatInterval: 250, maxWaitTimeInMs: 200 })
  const seen = []
  await consumer.connect()
  await consumer.subscribe({ topics: ['kjs'], fromBeginning: true })
  let pausedOnce = false
  await consumer.run({ autoCommit: false, eachBatch: async ({ batch, resolveOffset, heartbeat, pause }) => {
    if (batch.partition !== 0) return
    seen.push(batch.messages[0].offset)
    if (!pausedOnce) {
      pausedOnce = true
      const resume = pause()
      setTimeout(resume, 100)
    }
    await heartbeat()
    resolveOffset(batch.lastOffset())
  } })
  await until('a batch', () => seen.length > 0)
  consumer.seek({ topic: 'kjs', partition: 0, offset: '17' })
  await until('the sought one', () => seen.includes('17'))
  await consumer.commitOffsets([{ topic: 'kjs', partition: 0, offset: '23', metadata: 'a note' }])
  await consumer.disconnect()
  say('seek', 'came to 17')
}

async function groupWalk (admin) {
  const offsets = async group => (await admin.fetchOffsets({ groupId: group, topics: ['kjs'] }))[0].partitions
    .map(p => [p.partition, p.offset, p.metadata]).sort((a, b) => a[0] - b[0])
  await step('offsets', () => offsets('kjs-seek'))
  await step('ends', async () => (await admin.fetchTopicOffsets('kjs')).map(p => [p.partition, p.low, p.high]).sort((a, b) => a[0] - b[0]))
  await step('by time', async () => (await admin.fetchTopicOffsetsByTimestamp('kjs', 0)).map(p => p.offset))
  await step('set offsets', () => admin.setOffsets({ groupId: 'kjs-seek', topic: 'kjs', partitions: [{ partition: 2, offset: '4' }] }))
  await step('reset offsets', () => admin.resetOffsets({ groupId: 'kjs-other', topic: 'kjs', earliest: true }))
  await step('offsets after', async () => [await offsets('kjs-seek'), (await offsets('kjs-other')).length])
  await step('describe', async () => (await admin.describeGroups(['kjs-seek', 'kjs-none'])).groups
    .map(g => [g.groupId, g.state, g.protocolType, g.members.length]).sort())
  await step('list', async () => (await admin.listGroups()).groups.filter(g => g.groupId.startsWith('kjs')).map(g => g.groupId).sort())
  await step('delete groups', () => admin.deleteGroups(['kjs-seek']))
  await step('delete again', () => admin.deleteGroups(['kjs-seek']))
}

const admin = kafka.admin()
await admin.connect()
await topics(admin)
await producing()
await groups()
await seeking()
await groupWalk(admin)
await admin.disconnect()
