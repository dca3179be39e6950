// platformatic's client: COUNT records of each codec, produced and read back equal.
import { Admin, Consumer, Producer, stringDeserializers, stringSerializers }
  from '@platformatic/kafka'

const [bootstrap, countText, prefix] = process.argv.slice(2)
const count = Number(countText)
const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const batch = 5000
const value = i => `value ${i} ${Math.imul(i, 0x9e3779b9) >>> 0} of a record that compresses`

async function produce (topic, codec) {
  const producer = new Producer({
    clientId: 'round-trip', bootstrapBrokers: [bootstrap], serializers: stringSerializers,
    autocreateTopics: false
  })
  for (let from = 0; from < count; from += batch) {
    const messages = []
    for (let i = from; i < Math.min(count, from + batch); i++) {
      messages.push({ topic, key: `k${i}`, value: value(i), partition: 0,
        timestamp: BigInt(1_700_000_000_000 + i) })
    }
    await producer.send({ messages, compression: codec, acks: -1 })
  }
  await producer.close()
}

// Without groups the client has no consumer of its own: fetch by hand through its protocol API.
async function consume (topic) {
  const consumer = new Consumer({
    clientId: 'round-trip', groupId: 'unused', bootstrapBrokers: [bootstrap],
    deserializers: stringDeserializers, autocommit: false
  })
  const metadata = await consumer.metadata({ topics: [topic] })
  const info = metadata.topics.get(topic)
  const node = info.partitions[0].leader
  let offset = 0n
  while (offset < BigInt(count)) {
    const answer = await consumer.fetch({
      node, maxWaitTime: 500, minBytes: 1, maxBytes: 8 << 20, isolationLevel: 1,
      topics: [{ topicId: info.id, partitions: [{
        partition: 0, currentLeaderEpoch: -1, fetchOffset: offset, lastFetchedEpoch: -1,
        partitionMaxBytes: 8 << 20 }] }]
    })
    for (const group of answer.responses) {
      for (const partition of group.partitions) {
        for (const records of partition.records ?? []) {
          for (const r of records.records) {
            const at = records.firstOffset + BigInt(r.offsetDelta)
            if (at < offset) continue
            const i = Number(at)
            if (at !== offset || r.key.toString() !== `k${i}` || r.value.toString() !== value(i)) {
              throw new Error(`record ${offset} came back as ${at} ${r.value}`)
            }
            offset++
          }
        }
      }
    }
  }
  await consumer.close()
}

const admin = new Admin({ clientId: 'round-trip', bootstrapBrokers: [bootstrap] })
for (const codec of codecs) {
  const topic = `${prefix}-${codec}`
  await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 })
  await produce(topic, codec)
  await consume(topic)
  console.log(`ok ${codec} ${count}`)
}
await admin.close()
