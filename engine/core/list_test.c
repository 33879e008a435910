#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core.h"

typedef struct item {
    int number;
    gt__link link;
} item;

static void assert_numbers(const gt__link *list, const char *expected)
{
    gt__buffer numbers = {0};
    for (const gt__link *l = list->next; l != list; l = l->next) {
        assert_ptr_equal(l->next->prev, l);
        gt__buffer_printf(&numbers, "%d ", gt__container_of(l, item, link)->number);
    }
    char *text = gt__buffer_take_text(&numbers);
    assert_string_equal(text, expected);
    gt__free(text);
}

static void items_stand_in_order_of_arrival(void **state)
{
    (void)state;
    gt__link list;
    item items[] = {{.number = 1}, {.number = 2}, {.number = 3}};
    gt__list_init(&list);
    assert_true(gt__list_empty(&list));
    for (int i = 0; i < 3; i++)
        gt__list_push_back(&list, &items[i].link);
    assert_false(gt__list_empty(&list));
    assert_numbers(&list, "1 2 3 ");
}

static void any_item_can_be_removed_and_come_back(void **state)
{
    (void)state;
    gt__link list;
    item items[] = {{.number = 1}, {.number = 2}, {.number = 3}};
    gt__list_init(&list);
    for (int i = 0; i < 3; i++)
        gt__list_push_back(&list, &items[i].link);
    gt__list_remove(&items[1].link);
    assert_numbers(&list, "1 3 ");
    gt__list_remove(&items[0].link);
    gt__list_push_back(&list, &items[0].link);
    assert_numbers(&list, "3 1 ");
}

static void removing_twice_is_harmless(void **state)
{
    (void)state;
    gt__link list;
    item one = {.number = 1};
    gt__list_init(&list);
    gt__list_push_back(&list, &one.link);
    gt__list_remove(&one.link);
    gt__list_remove(&one.link);
    assert_true(gt__list_empty(&list));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_stand_in_order_of_arrival),
        cmocka_unit_test(any_item_can_be_removed_and_come_back),
        cmocka_unit_test(removing_twice_is_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
