// kafkajs 2.2.4: transactions that commit and abort, offsets in them, fencing.
import kafkajs from 'kafkajs'

const { Kafka, logLevel, Partitioners } = kafkajs
const kafka = new Kafka({ clientId: 'kafkajs', brokers: [process.argv[2]], logLevel: logLevel.NOTHING, retry: { retries: 8, initialRetryTime: 50 } })
const say = (name, seen) => console.log(`${name}: ${JSON.stringify(seen)}`)
const numbers = (from, to) => Array.from({ length: to - from }, (_, i) => ({ key: `k${from + i}`, value: `${from + i}` }))

async function transactional (transactionalId) {
  const producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1, createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  return producer
}

/** All values that a reader of that level sees, after the last of them is `last`. */
async function seen (level, last) {
  const consumer = kafka.consumer({ groupId: `kjt-${level}-${last}`, readUncommitted: level === 'uncommitted', heartbeatInterval: 250, maxWaitTimeInMs: 200 })
  const values = new Set()
  await consumer.connect()
  await consumer.subscribe({ topics: ['kjt'], fromBeginning: true })
  await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${level}: ${values.size} without ${last}`)), 25_000)
    consumer.run({ eachMessage: async ({ message }) => {
      values.add(Number(message.value))
      if (Number(message.value) === last) {
        clearTimeout(late)
        resolve()
      }
    } })
  })
  await consumer.disconnect()
  return values.size
}

const admin = kafka.admin()
await admin.connect()
await admin.createTopics({ waitForLeaders: false, topics: [{ topic: 'kjt', numPartitions: 1 }] })
while (!(await admin.listTopics()).includes('kjt')) await new Promise(resolve => setTimeout(resolve, 20))
const producer = await transactional('kjt-one')

const first = await producer.transaction()
await first.send({ topic: 'kjt', messages: numbers(0, 10) })
await first.commit()
const second = await producer.transaction()
await second.send({ topic: 'kjt', messages: numbers(10, 20) })
await second.abort()
const third = await producer.transaction()
await third.send({ topic: 'kjt', messages: numbers(20, 30) })
await third.sendOffsets({ consumerGroupId: 'kjt-group', topics: [{ topic: 'kjt', partitions: [{ partition: 0, offset: '15' }] }] })
await third.commit()
say('committed readers', await seen('committed', 29))
say('uncommitted readers', await seen('uncommitted', 29))

const fourth = await producer.transaction()
await fourth.sendOffsets({ consumerGroupId: 'kjt-group', topics: [{ topic: 'kjt', partitions: [{ partition: 0, offset: '25' }] }] })
await fourth.abort()
say('offsets', (await admin.fetchOffsets({ groupId: 'kjt-group', topics: ['kjt'] }))[0].partitions.map(p => p.offset))

const open = await producer.transaction()
await open.send({ topic: 'kjt', messages: numbers(40, 50) })
const newer = await transactional('kjt-one')
const last = await newer.transaction()
await last.send({ topic: 'kjt', messages: numbers(50, 60) })
await last.commit()
try {
  await open.commit()
  say('the older one commits', 'it may')
} catch (fenced) {
  say('the older one commits', fenced.type)
}
say('committed readers', await seen('committed', 59))
await newer.disconnect()
await producer.disconnect()
await admin.disconnect()
