/* SPDX-License-Identifier: MIT */
/* kernel/sched/runqueue.h: shares over a simulated time, sleepers, moves between queues. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <kernel/sched/runqueue.h>

#include "random.h"

#define SLICE 4000

struct player {
	struct sched_entity entity; /* first */
	uint64_t ran;
};

static void enter(struct run_queue *queue, struct player *player, int nice)
{
	*player = (struct player){ 0 };
	sched_entity_set_weight(&player->entity, sched_weight(nice));
	player->entity.node.key = queue->floor;
	run_queue_add(queue, &player->entity);
}

/* One slice, a little ragged, for whoever is first. */
static struct player *play(struct run_queue *queue, uint64_t *seed)
{
	struct player *player = (struct player *)run_queue_first(queue);
	uint64_t time = SLICE - 100 + random_below(seed, 200);

	run_queue_remove(queue, &player->entity);
	player->ran += time;
	run_queue_account(queue, &player->entity, time);
	run_queue_add(queue, &player->entity);
	return player;
}

static void shares_follow_weights(void **state)
{
	static const int nices[] = { -20, -5, 0, 0, 3, 10, 19 };
	struct player players[7];
	struct run_queue queue = { .floor = UINT64_MAX - 12345 }; /* wraps soon */
	uint64_t seed = 3, total = 0, weights = 0;

	for (int i = 0; i < 7; i++) {
		enter(&queue, &players[i], nices[i]);
		weights += sched_weight(nices[i]);
	}
	for (int i = 0; i < 2000000; i++)
		play(&queue, &seed);
	for (int i = 0; i < 7; i++)
		total += players[i].ran;
	for (int i = 0; i < 7; i++) {
		double share = (double)players[i].ran / (double)total;
		double wanted = (double)sched_weight(nices[i]) / (double)weights;

		assert_true(share > wanted * 0.95 && share < wanted * 1.05);
	}
}

static void weights_step_by_a_quarter(void **state)
{
	assert_int_equal(sched_weight(0), WEIGHT_NICE0);
	assert_int_equal(sched_weight(NICE_MIN), 88761);
	assert_int_equal(sched_weight(NICE_MAX), 15);
	for (int nice = NICE_MIN; nice < NICE_MAX; nice++) {
		double step = (double)sched_weight(nice) / sched_weight(nice + 1);

		assert_true(step > 1.15 && step < 1.35);
	}
}

/* Who comes back from a long sleep does not keep the others out for as long as it slept. */
static void sleep_earns_little(void **state)
{
	struct player worker, sleeper;
	struct run_queue queue = { 0 };
	uint64_t seed = 9;
	int in_a_row = 0;

	enter(&queue, &worker, 0);
	enter(&queue, &sleeper, 0);
	run_queue_remove(&queue, &sleeper.entity);
	for (int i = 0; i < 1000; i++)
		play(&queue, &seed);
	run_queue_place(&queue, &sleeper.entity, 3 * SLICE);
	run_queue_add(&queue, &sleeper.entity);
	while (play(&queue, &seed) == &sleeper)
		in_a_row++;
	assert_in_range(in_a_row, 1, 5);
}

static void account_is_exact_for_any_time(void **state)
{
	struct player player = { 0 };
	struct run_queue queue = { 0 };

	sched_entity_set_weight(&player.entity, WEIGHT_NICE0);
	run_queue_account(&queue, &player.entity, UINT64_C(1) << 40);
	assert_true(player.entity.node.key == UINT64_C(1) << 40);
	assert_true(queue.floor == UINT64_C(1) << 40);
	sched_entity_set_weight(&player.entity, sched_weight(19));
	player.entity.node.key = 0;
	run_queue_account(&queue, &player.entity, UINT64_C(1) << 40);
	double wanted = (double)(UINT64_C(1) << 40) * 1024 / 15;
	assert_true((double)player.entity.node.key > wanted * 0.999);
	assert_true((double)player.entity.node.key < wanted * 1.001);
}

static void a_move_keeps_the_distance(void **state)
{
	struct run_queue from = { .floor = 1000 }, to = { .floor = 50 };
	struct player player = { 0 };

	player.entity.node.key = 1234;
	run_queue_move(&from, &to, &player.entity);
	assert_true(player.entity.node.key == 284);
	player.entity.node.key = 900;
	run_queue_move(&from, &to, &player.entity);
	assert_true((int64_t)(player.entity.node.key - to.floor) == -100);
}

/* sched_yield among three that do nothing else: each its turn. */
static void yields_go_round(void **state)
{
	struct player players[3], *last[3] = { 0 };
	struct run_queue queue = { 0 };

	for (int i = 0; i < 3; i++)
		enter(&queue, &players[i], 0);
	for (int i = 0; i < 300; i++) {
		struct player *now = (struct player *)run_queue_first(&queue);

		run_queue_remove(&queue, &now->entity);
		run_queue_account(&queue, &now->entity, 10);
		run_queue_yield(&queue, &now->entity);
		run_queue_add(&queue, &now->entity);
		assert_true(now != last[(i + 2) % 3]);
		if (i > 3)
			assert_true(now != last[(i + 1) % 3]);
		last[i % 3] = now;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_follow_weights),
		cmocka_unit_test(weights_step_by_a_quarter),
		cmocka_unit_test(sleep_earns_little),
		cmocka_unit_test(account_is_exact_for_any_time),
		cmocka_unit_test(a_move_keeps_the_distance),
		cmocka_unit_test(yields_go_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
