import java.nio.ByteBuffer;
import java.util.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.AbstractPartitionAssignor;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/** Asks the assignors of Kafka's consumer and writes what they answer; "racks" tells them of racks too. See README.md. */
@SuppressWarnings("removal")
public class ClientAssignors {
    static Random random = new Random(429);
    static RackedCluster cluster;  // null: nobody has a rack
    static final Map<String, Integer> counts = new TreeMap<>();
    static List<String> members = new ArrayList<>();
    static Map<String, String> instances = new HashMap<>();
    static Map<String, List<String>> topics = new HashMap<>();
    static Map<String, List<TopicPartition>> owned = new HashMap<>();
    static Map<String, Integer> generations = new HashMap<>();
    static Map<String, AbstractPartitionAssignor> own = new HashMap<>();
    static Map<String, String> racks = new HashMap<>();
    static int generation;

    static AbstractPartitionAssignor make(int kind) {
        switch (kind) {
            case 0: return new RangeAssignor();
            case 1: return new RoundRobinAssignor();
            case 2: return new StickyAssignor();
            default: return new CooperativeStickyAssignor();
        }
    }

    public static void main(String[] args) {
        boolean racked = args.length > 0 && args[0].equals("racks");
        if (racked) random = new Random(881);
        for (int chain = 0; chain < (racked ? 140 : 160); chain++) {
            int kind = racked ? (chain % 20 < 7 ? 0 : chain % 20 < 8 ? 1 : chain % 20 < 14 ? 2 : 3)
                : chain % 10 < 1 ? 0 : chain % 10 < 2 ? 1 : chain % 10 < 5 ? 2 : 3;
            boolean same = random.nextInt(racked ? 2 : 3) == 0;
            AbstractPartitionAssignor leader = make(kind);
            for (Map<?, ?> map : List.of(counts, instances, topics, owned, generations, own, racks)) map.clear();
            members.clear();
            if (racked) cluster = new RackedCluster(random, random.nextInt(8));
            System.out.println("chain");
            generation = random.nextInt(3);
            int topicCount = 1 + random.nextInt(6);
            for (int i = 0; i < topicCount; i++) counts.put("topic" + random.nextInt(1000), partitions(chain % 5 == 4 ? 40 : 9));
            int memberCount = 1 + random.nextInt(chain % 7 == 6 ? 24 : 6);
            for (int i = 0; i < memberCount; i++) join(kind, same);
            for (int step = 0; step < 6; step++) {
                try {
                    ask(leader, kind);
                } catch (NullPointerException theirs) {  // a previous owner that may not change any more
                    break;
                }
                change(kind, same);
                if (racked && random.nextInt(3) == 0) cluster.change();
            }
        }
    }

    /** With racks many topics have the same count, so that they are assigned together. */
    static int partitions(int most) {
        if (cluster != null && !counts.isEmpty() && random.nextInt(3) > 0) return counts.values().iterator().next();
        return 1 + random.nextInt(most);
    }

    static void join(int kind, boolean same) {
        String id = "c-" + (cluster != null ? String.format("%08x", random.nextInt()) : new UUID(random.nextLong(), random.nextLong()));
        if (cluster != null) racks.put(id, cluster.rackOfMember());
        members.add(id);
        if (random.nextInt(5) == 0) instances.put(id, "i" + random.nextInt(1000000));
        subscribe(id, same);
        own.put(id, make(kind));
    }

    static void subscribe(String id, boolean same) {
        List<String> list = new ArrayList<>();
        for (String topic : counts.keySet()) if (same || random.nextInt(3) > 0) list.add(topic);
        if (random.nextInt(9) == 0) list.add("missing");
        Collections.shuffle(list, random);
        topics.put(id, list);
    }

    static void change(int kind, boolean same) {
        for (int times = 1 + random.nextInt(2); times > 0; times--) {
            switch (random.nextInt(6)) {
                case 0: case 1: join(kind, same); break;
                case 2: if (members.size() > 1) members.remove(random.nextInt(members.size())); break;
                case 3: counts.replaceAll((topic, count) -> count + random.nextInt(3)); break;
                case 4:  // one that was away comes with what it had then
                    if (members.size() > 2) {
                        String late = members.get(random.nextInt(members.size()));
                        generations.put(late, generation - 1);
                        owned.put(late, new ArrayList<>(owned.getOrDefault(members.get(random.nextInt(members.size())), List.of())));
                        own.get(late).onAssignment(new Assignment(owned.get(late)), new ConsumerGroupMetadata("g", generation - 1, late, Optional.empty()));
                    }
                    break;
                default:
                    if (counts.size() > 1 && random.nextBoolean()) counts.remove(counts.keySet().iterator().next());
                    else counts.put("topic" + random.nextInt(1000), partitions(9));
                    for (String id : members) subscribe(id, same);
            }
        }
    }

    static void ask(AbstractPartitionAssignor leader, int kind) {
        Map<String, Subscription> subscriptions = new HashMap<>();
        Set<String> wanted = new HashSet<>();
        StringBuilder asked = new StringBuilder("ask " + leader.name() + "\n");
        StringBuilder said = new StringBuilder();
        for (String id : members) {
            ByteBuffer data = own.get(id).subscriptionUserData(new TreeSet<>(topics.get(id)));
            List<TopicPartition> has = kind == 2 ? List.of() : owned.getOrDefault(id, List.of());
            boolean old = random.nextInt(8) == 0;  // a client that does not tell its generation
            Optional<Integer> at = old || !generations.containsKey(id) ? Optional.empty() : Optional.of(generations.get(id));
            Subscription subscription = new Subscription(topics.get(id), data == null ? null : data.duplicate(), has,
                at.orElse(-1), Optional.ofNullable(racks.get(id)));
            subscription.setGroupInstanceId(Optional.ofNullable(instances.get(id)));
            subscriptions.put(id, subscription);
            wanted.addAll(topics.get(id));
            said.append("member ").append(id).append(' ').append(instances.getOrDefault(id, "-")).append(' ')
                .append(subscription.generationId().map(Object::toString).orElse("-")).append(' ')
                .append(topics.get(id).isEmpty() ? "-" : String.join(",", topics.get(id))).append(' ').append(show(has)).append(' ')
                .append(data == null ? "-" : HexFormat.of().formatHex(data.array()));
            if (cluster != null) said.append(' ').append(Objects.requireNonNullElse(racks.get(id), "-"));
            said.append('\n');
        }
        Map<String, Integer> known = new HashMap<>();
        Map<String, List<PartitionInfo>> placed = new HashMap<>();
        counts.forEach((topic, count) -> {
            if (!wanted.contains(topic)) return;
            known.put(topic, count);
            asked.append("topic ").append(topic).append(' ').append(count);
            if (cluster != null) {
                placed.put(topic, cluster.partitions(topic, count));
                asked.append(' ').append(RackedCluster.show(placed.get(topic)));
            }
            asked.append('\n');
        });
        Map<String, List<TopicPartition>> answer =
            cluster != null ? leader.assignPartitions(placed, subscriptions) : leader.assign(known, subscriptions);
        System.out.print(asked.toString() + said);
        generation++;
        for (String id : members) {
            List<TopicPartition> got = answer.get(id);
            System.out.println("gets " + id + " " + show(got));
            owned.put(id, got);
            generations.put(id, generation);
            own.get(id).onAssignment(new Assignment(got), new ConsumerGroupMetadata("g", generation, id, Optional.empty()));
        }
    }

    static String show(List<TopicPartition> list) {
        StringJoiner all = new StringJoiner(",");
        List<TopicPartition> sorted = new ArrayList<>(list);
        sorted.sort(Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition));
        sorted.forEach(p -> all.add(p.toString()));
        return list.isEmpty() ? "-" : all.toString();
    }
}

/** Brokers with racks, and where they have the replicas of partitions. */
class RackedCluster {
    private final Random random;
    private final int style;  // 0-3 all have racks, 4-5 some have none, 6 members are elsewhere, 7 each rack has all partitions
    private final Map<Integer, String> rackOf = new TreeMap<>();
    private final Set<Integer> away = new TreeSet<>();
    private final Map<String, List<List<Integer>>> replicas = new HashMap<>();
    private final Map<String, Integer> factors = new HashMap<>();
    private final int rackCount;

    RackedCluster(Random random, int style) {
        this.random = random;
        this.style = style;
        rackCount = style == 7 ? 1 + random.nextInt(3) : 2 + random.nextInt(3);
        int brokers = style == 7 ? rackCount : rackCount + random.nextInt(4);
        for (int id = 1; id <= brokers; id++) rackOf.put(id, (style == 4 || style == 5) && random.nextInt(3) == 0 ? null : rack(1 + id % rackCount));
    }

    static String rack(int number) { return String.valueOf((char) ('a' + number)); }

    String rackOfMember() {
        if (random.nextInt(style % 2 == 0 ? 9 : 3) == 0) return null;
        return rack((style == 6 ? 7 : 1) + random.nextInt(rackCount + (style == 5 ? 1 : 0)));
    }

    void change() {
        int id = 1 + random.nextInt(rackOf.size());
        switch (random.nextInt(4)) {
            case 0: if (!away.remove(id)) away.add(id); break;
            case 1: rackOf.put(id, rack(1 + random.nextInt(rackCount))); break;
            case 2: rackOf.put(rackOf.size() + 1, rack(1 + random.nextInt(rackCount))); break;
            default: if (!replicas.isEmpty()) replicas.remove(new TreeSet<>(replicas.keySet()).first());
        }
    }

    List<PartitionInfo> partitions(String topic, int count) {
        List<List<Integer>> placed = replicas.computeIfAbsent(topic, t -> new ArrayList<>());
        int factor = style == 7 ? rackCount : factors.computeIfAbsent(topic, t -> 1 + random.nextInt(3));
        while (placed.size() < count) {
            List<Integer> ids = new ArrayList<>(rackOf.keySet());
            if (topic.hashCode() % 2 == 0) Collections.rotate(ids, -placed.size());  // alike in these topics
            else Collections.shuffle(ids, random);
            placed.add(List.copyOf(ids.subList(0, Math.min(factor, ids.size()))));
        }
        List<PartitionInfo> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Node[] nodes = placed.get(i).stream()
                .map(id -> away.contains(id) ? new Node(id, "", -1) : new Node(id, "host", 9092, rackOf.get(id))).toArray(Node[]::new);
            all.add(new PartitionInfo(topic, i, nodes[0], nodes, nodes));
        }
        return all;
    }

    static String show(List<PartitionInfo> partitions) {
        StringJoiner all = new StringJoiner(",");
        for (PartitionInfo partition : partitions) {
            Set<String> racks = new TreeSet<>();
            for (Node node : partition.replicas()) if (node.rack() != null) racks.add(node.rack());
            all.add(racks.isEmpty() ? "-" : String.join("+", racks));
        }
        return all.toString();
    }
}
